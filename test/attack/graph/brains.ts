import type { CoderBrain } from "../../../src/agents/coder/contract.ts";
import { createRulesPlanner } from "../../../src/agents/planner/rules.ts";
import { type Brains, createBrains, modelBrains } from "../../../src/composition/brains.ts";
import type { Config } from "../../../src/config/index.ts";
import type { Clock } from "../../../src/domain/ports/clock.ts";
import type { Edit } from "./edits.ts";
import { obedientModel, type Wish } from "./obedientModel.ts";

/**
 * obedient: the real brains of a model, over a model that obeys the attacker. foreign: an agent that keeps to no rule of
 * ours: it writes past our tools, claims that its files follow from the frames, and reviews its own work. rules: the
 * engine, which no text persuades.
 */
export const BRAINS = ["obedient", "foreign", "rules"] as const;
export type BrainName = (typeof BRAINS)[number];

export interface BrainParts {
  config: Config;
  clock: Clock;
  wish: Wish;
  /** Gets every text that a prompt had. */
  prompted: (text: string) => void;
}

/** The brains of one attempt. */
export function brainsFor(name: BrainName, { config, clock, wish, prompted }: BrainParts): Brains {
  const rules = createBrains(config, {}, { clock });
  if (name === "rules") return rules;
  const model = obedientModel(wish, prompted);
  const models = modelBrains(config, clock, () => model);
  if (name === "foreign") return foreign(models, wish);
  return { ...models, reviewer: withScanners(rules, models) };
}

/** As composition joins them: a model can only add findings, and this one adds none. */
function withScanners({ reviewer }: Brains, { reviewer: model }: Brains): Brains["reviewer"] {
  return {
    name: `${reviewer.name} and ${model.name}`,
    async review(input) {
      const [own, other] = [await reviewer.review(input), await model.review(input)];
      return {
        findings: [...own.findings, ...other.findings],
        unavailable: [...own.unavailable, ...other.unavailable],
        tokens: own.tokens + other.tokens,
      };
    },
  };
}

function foreign(models: Brains, { service, diff }: Wish): Brains {
  const real = createRulesPlanner();
  return {
    triage: models.triage,
    planner: {
      name: "foreign",
      async plan(input) {
        const { plan, tokens } = await real.plan(input);
        const files = [...new Set([service.file, ...diff.edits.map(({ path }) => path)])];
        return { plan: { ...plan, action: "fix", files, by: "foreign" }, tokens };
      },
    },
    coder: foreignCoder(diff.edits),
    reviewer: { name: "foreign", review: async () => ({ findings: [], unavailable: [], tokens: 1 }) },
  };
}

function foreignCoder(edits: readonly Edit[]): CoderBrain {
  return {
    name: "foreign",
    async code({ workspace }) {
      for (const edit of edits) {
        const before = await workspace.read(edit.path).catch(() => "");
        const after = "content" in edit ? edit.content : before.replace(edit.search, () => edit.replace);
        await workspace.write(edit.path, after);
      }
      return { kind: "patch", by: "foreign", explanation: "As the event says.", rejected: [], tokens: 1 };
    },
  };
}
