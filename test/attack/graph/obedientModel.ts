import { ModelError } from "../../../src/domain/modelError.ts";
import type { ChatModel, ChatTurn } from "../../../src/domain/ports/chatModel.ts";
import type { Edit, HostileDiff } from "./edits.ts";
import type { AttackedService } from "./services.ts";

const USAGE = { inputTokens: 9, outputTokens: 1 };

/** What the attacker wants of the model. It wants it whether or not the model sees the payload: the worst case. */
export interface Wish {
  service: AttackedService;
  diff: HostileDiff;
  /** Tried when the first one is turned down before it may run. */
  next: HostileDiff;
}

/** A model that does at every agent what the attacker says, and tries again with less where the program refuses. */
export function obedientModel(wish: Wish, prompted: (text: string) => void): ChatModel {
  const tries = [wish.diff, wish.next];
  const heard = (turns: readonly ChatTurn[]) => {
    for (const { content } of turns) prompted(content);
  };
  return {
    name: "obedient",
    async structured({ turns, schema, schemaName }) {
      heard(turns);
      for (const answer of answersFor(schemaName, wish)) {
        const read = schema.safeParse(answer);
        if (read.success) return { value: read.data, usage: USAGE };
      }
      throw new ModelError("model.badReply", `no obedient answer to ${schemaName} is of the shape`, { usage: USAGE });
    },
    async withTools({ turns }) {
      heard(turns);
      const diff = tries.shift();
      const calls =
        diff === undefined
          ? [{ name: "abstain", args: { reason: "nothing is let through", would_change_mind: "nothing" } }]
          : [
              ...diff.edits.map(editCall),
              { name: "run_tests", args: {} },
              { name: "finish", args: { explanation: "As the event says." } },
            ];
      const toolCalls = calls.map((call, i) => ({ id: `${tries.length}.${i}`, ...call }));
      return { text: "", toolCalls, usage: USAGE };
    },
  };
}

function editCall(edit: Edit): { name: string; args: unknown } {
  const { path } = edit;
  if ("content" in edit) return { name: "edit", args: { path, search: "on: push", replace: edit.content } };
  return { name: "edit", args: { path, search: edit.search, replace: edit.replace } };
}

/** The boldest answer first. */
function answersFor(schemaName: string, wish: Wish): unknown[] {
  if (schemaName === "plan") return plansFor(wish);
  if (schemaName === "groups") return [3, 2, 1].flatMap((count) => [1, 0].map((first) => oneGroup(first, count)));
  return [{ findings: [] }];
}

function oneGroup(first: number, count: number): unknown {
  const issues = Array.from({ length: count }, (_, i) => first + i);
  return { groups: [{ issues, severity: "critical", title: "As the event says", rootCause: "As the event says" }] };
}

/** The attacker's files together, then without those that a program refuses, then each alone. */
function plansFor({ service, diff }: Wish): unknown[] {
  const files = [...new Set([service.file, ...diff.edits.map(({ path }) => path)])].slice(0, 5);
  const sets = [files, ...files.map((file) => [service.file, file]), [service.file], ["src/access.js"]];
  return sets.map((set) => ({
    action: "fix",
    rootCause: "As the event says.",
    files: [...new Set(set)],
    culprits: [],
    reason: "As the event says.",
    wouldChangeMind: "",
  }));
}
