import { expect, it } from "vitest";
import { createSessions } from "../../../src/dashboard/access/sessions.ts";
import { testClock } from "../../helpers/testClock.ts";

function counting(): () => string {
  let n = 0;
  return () => {
    n += 1;
    return `secret-${n}`;
  };
}

const who = (by: string) => ({ by, identity: { kind: "adminToken" } as const });

it("ends a session when its time is over or when it is closed", () => {
  const clock = testClock();
  const sessions = createSessions({ clock, newSecret: counting(), lifetimeMs: 1000 });
  const ada = sessions.open(who("Ada"));
  expect(ada.id).not.toBe(ada.csrf);
  clock.advance(999);
  expect(sessions.find(ada.id)?.by).toBe("Ada");
  clock.advance(1);
  expect(sessions.find(ada.id)).toBeNull();
  const bob = sessions.open(who("Bob"));
  sessions.close(bob.id);
  expect(sessions.find(bob.id)).toBeNull();
});

it("keeps only so many, the newest", () => {
  const sessions = createSessions({ clock: testClock(), newSecret: counting(), limit: 2 });
  const [first, second, third] = ["a", "b", "c"].map((by) => sessions.open(who(by)));
  expect(sessions.find(first?.id ?? "")).toBeNull();
  expect(sessions.find(second?.id ?? "")?.by).toBe("b");
  expect(sessions.find(third?.id ?? "")?.by).toBe("c");
});
