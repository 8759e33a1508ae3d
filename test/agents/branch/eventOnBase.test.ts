import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventOnBase, lineOnBase } from "../../../src/agents/branch/eventOnBase.ts";
import { createWorkspaces } from "../../../src/tools/git/workspaces.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { gitRepository, temporaryFolder } from "../../helpers/gitRepository.ts";
import { service } from "../../helpers/service.ts";

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join("");
const TICKET = "00000000-0000-4000-8000-000000000001";

async function bench(before: string, after: string) {
  const repository = gitRepository({ "src/a.js": before });
  const release = repository.git("rev-parse", "HEAD").trim();
  repository.put({ "src/a.js": after });
  repository.commit("Second");
  const workspaces = createWorkspaces({ dataDir: temporaryFolder("data"), clock: { now: () => Date.now() } });
  const asked = service(repository.dir);
  const workspace = await workspaces.open(asked, TICKET, await workspaces.head(asked));
  return { workspaces, workspace, release };
}

const crash = (line: number, release?: string) =>
  buildEvent({
    ...(release !== undefined && { release }),
    exception: {
      type: "TypeError",
      value: "x",
      frames: [
        { file: "/srv/app/src/a.js", line, inApp: true },
        { file: "node:events", line, inApp: false },
      ],
    },
  });

describe("an Event of an older release", () => {
  it("is where the base has its lines", async () => {
    const { workspaces, workspace, release } = await bench(
      numbered(1, 20),
      `new\nnew\n${numbered(1, 9)}${numbered(12, 20)}`,
    );
    const ported = async (line: number) =>
      (await eventOnBase(workspaces, workspace, crash(line, release))).exception.frames.map((frame) => frame.line);
    expect(await ported(5)).toEqual([7, 5]);
    expect(await ported(15)).toEqual([15, 15]);
    // A line that is gone stays where it was: nothing better is known.
    expect(await ported(10)).toEqual([10, 10]);
  });

  it("stays as it is where its release is no commit of the repository", async () => {
    const { workspaces, workspace } = await bench(numbered(1, 5), `new\n${numbered(1, 5)}`);
    for (const release of [undefined, "1.2.3", "f".repeat(40), workspace.baseCommit]) {
      const event = crash(3, release);
      expect(await eventOnBase(workspaces, workspace, event)).toEqual(event);
    }
  });
});

it("finds every line again that was not changed (property)", async () => {
  // A text as its lines' names, and edits: for each old line whether it stays, and how many new ones stand before it.
  const edits = fc.array(fc.record({ stays: fc.boolean(), before: fc.nat(2) }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(edits, (lines) => {
      const after: (number | null)[] = lines.flatMap(({ stays, before }, i) => [
        ...Array.from({ length: before }, () => null),
        ...(stays ? [i + 1] : []),
      ]);
      const changes = hunksOf(lines);
      lines.forEach(({ stays }, i) => {
        expect(lineOnBase(i + 1, changes)).toBe(stays ? after.indexOf(i + 1) + 1 : null);
      });
    }),
  );
});

/** As `git diff -U0` writes them. */
function hunksOf(lines: readonly { stays: boolean; before: number }[]) {
  const hunks: { path: string; start: number; count: number; newStart: number; newCount: number }[] = [];
  let [removed, added, isOpen] = [0, 0, false];
  lines.forEach(({ stays, before }, i) => {
    if (before > 0 || !stays) isOpen = true;
    added += before;
    if (!stays) removed += 1;
    else if (isOpen) close(i);
  });
  if (isOpen) close(lines.length);
  return hunks;

  function close(at: number): void {
    const start = removed === 0 ? at : at - removed + 1;
    hunks.push({ path: "a", start, count: removed, newStart: 0, newCount: added });
    [removed, added, isOpen] = [0, 0, false];
  }
}
