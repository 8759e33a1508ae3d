import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createRulesPlanner } from "../../src/agents/planner/rules.ts";
import { scrub } from "../../src/ingest/privacy/scrub.ts";
import { testSystem, tinyCrash } from "../helpers/system.ts";

/** Unique, and of the form of a key: no pattern knows it. */
const secret = (name: string) => `Zq7${name}X4kW9mPvB2nRt6`;
/** Unique words that a person may write: no one can tell that they are secret. */
const words = (name: string) => `quokka ${name} zebra`;

/** The crash of the tiny service with two canaries in every field that its sender controls. */
function crashOfStrangers() {
  const both = (name: string) => `${words(name)} ${secret(name)}`;
  return tinyCrash({
    environment: words("environment"),
    release: words("release"),
    exception: {
      type: "TypeError",
      value: `Cannot read properties of undefined (reading 'name'); ${both("message")}`,
      frames: [
        {
          file: "src/greet.js",
          function: "greet",
          line: 6,
          column: 29,
          inApp: true,
          contextLine: `  const name = user.profile.name; // "${secret("source")}"`,
          preContext: [`// ${words("before")}`],
          postContext: [`// ${words("after")}`],
          vars: { user: "{}", note: JSON.stringify(both("local")) },
        },
        { file: "src/greet.js", function: words("function"), line: 2, inApp: true },
        { file: `/srv/${words("path")}/a.js`, function: "f", line: 1, inApp: true },
      ],
    },
    causes: [{ type: words("type"), value: both("cause"), frames: [] }],
    request: {
      method: "GET",
      url: `/${encodeURIComponent(words("url"))}?code=${secret("query")}`,
      headers: { "x-note": both("header"), cookie: `sid=${secret("cookie")}` },
      body: JSON.stringify({ note: both("body"), password: words("password") }),
    },
    tags: { note: both("tag") },
    extra: { user: "{}", note: JSON.stringify(both("extra")) },
  });
}

it("a heal carries no text of an event into git, commands, audit or logs, and no secret anywhere", async () => {
  const { system, crash, ticket, tiny, faults, answer } = await testSystem({
    settings: { autonomy: "supervised" },
    brains: { planner: createRulesPlanner() },
  });
  const id = await crash(scrub(crashOfStrangers()));
  const asked = await ticket(id);
  expect(asked.state).toBe("awaitingApproval");
  const patchDigest = asked.patch?.digest ?? "";
  await answer(id, { type: "approve", by: "ann", message: "", patchDigest });

  const git = (...args: string[]) => execFileSync("git", args, { cwd: tiny.repo, encoding: "utf8" });
  const history = [
    git("log", "-p", "--all", "--format=fuller"),
    git("for-each-ref"),
    git("reflog", "--all"),
    git("notes", "list"),
  ].join("\n");
  expect(history).toContain(`Selfheal-Ticket: ${id}`);
  expect(history).toContain("fix(tiny): TypeError in greet (src/greet.js:6)");
  const audit = JSON.stringify(await system.stores.audit.list({ limit: 1000 }));
  expect(audit).toContain("deploy.live");
  const names = filesIn(join(tiny.repo, "..")).join("\n");
  for (const [where, text] of Object.entries({ history, audit, names, logs: faults.join("\n") }))
    expect({ where, found: canariesIn(text, /quokka|zebra|Zq7/) }).toEqual({ where, found: [] });

  const { outbox } = system.stores;
  const due = await Promise.all((await outbox.channelsDue()).map((channel) => outbox.due(channel, 100)));
  const titles = due.flat().map(({ message }) => message.title);
  expect(titles).toContain("TypeError in greet (src/greet.js:6)");
  expect(canariesIn(titles.join("\n"), /quokka|zebra|Zq7/)).toEqual([]);
  const everything = filesIn(join(tiny.repo, ".."))
    .map((file) => readFileSync(file, "latin1"))
    .join("\n");
  expect(everything).toContain("quokka message zebra");
  expect(canariesIn(everything, /Zq7\w+|quokka password/)).toEqual([]);
});

/** The text around each canary. */
function canariesIn(text: string, canary: RegExp): string[] {
  return [...text.matchAll(new RegExp(canary, "g"))].map(({ index }) =>
    text.slice(Math.max(0, index - 60), index + 60),
  );
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}
