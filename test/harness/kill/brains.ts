import { type Brains, createBrains } from "../../../src/composition/brains.ts";
import type { Config } from "../../../src/config/index.ts";
import type { Clock } from "../../../src/domain/ports/clock.ts";

/** The rules' triage and reviewer, with a planner and a coder that know at once what is wrong with the tiny service. */
export function instantBrains(config: Config, clock: Clock): Brains {
  return {
    ...createBrains(config, {}, { clock }),
    planner: {
      name: "scripted",
      plan: async () => ({
        plan: {
          action: "fix",
          rootCause: "a user without a profile",
          files: ["src/greet.js"],
          places: [{ file: "src/greet.js", function: "greet", line: 6 }],
          culprits: [],
          by: "scripted",
          reason: "scripted",
        },
        tokens: 0,
      }),
    },
    coder: {
      name: "scripted",
      async code({ workspace }) {
        const source = await workspace.read("src/greet.js");
        const mended = source.replace("const name = user.profile.name;", "const name = user.profile?.name;");
        await workspace.write("src/greet.js", mended);
        return { kind: "patch", by: "rules:scripted", explanation: "scripted", rejected: [], tokens: 0 };
      },
    },
  };
}
