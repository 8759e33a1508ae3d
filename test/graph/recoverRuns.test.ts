import { describe, expect, it } from "vitest";
import { wayOn } from "../../src/graph/recoverRuns.ts";

const input = (entry: string) => ({ input: { entry }, command: null });
const answer = (id: string) => ({ input: null, command: { resume: { [id]: { decisions: [] } } } });

describe("wayOn: what becomes of a run that the last process left", () => {
  it.each([
    ["nothing written yet", input("batch"), { started: false, tasks: 0, open: [] }, "again"],
    ["in the middle of a node", input("batch"), { started: true, tasks: 1, open: [] }, "on"],
    ["at a question", input("ticket"), { started: true, tasks: 1, open: ["q"] }, "none"],
    ["at its end", input("ticket"), { started: true, tasks: 0, open: [] }, "none"],
    ["an answer not yet taken", answer("q"), { started: true, tasks: 1, open: ["q"] }, "again"],
    ["an answer taken, at work", answer("q"), { started: true, tasks: 1, open: [] }, "on"],
    ["an answer taken, now at another question", answer("q"), { started: true, tasks: 1, open: ["r"] }, "none"],
    ["a wake-up not yet taken", input("verify"), { started: true, tasks: 0, open: [] }, "again"],
    ["a look at a canary not yet taken", input("canary"), { started: true, tasks: 0, open: [] }, "again"],
    ["a wake-up while a question is open", input("deploy"), { started: true, tasks: 1, open: ["q"] }, "none"],
  ] as const)("%s", (_, run, state, way) => {
    expect(wayOn(run, state)).toBe(way);
  });
});
