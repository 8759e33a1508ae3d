import { describe, expect, it } from "vitest";
import { type Attempt, drawAttempt, type Outcome, runAttempt } from "./graph/attempt.ts";
import { hostileDiffs, rightDiff } from "./graph/edits.ts";
import { shaped } from "./graph/payloads.ts";
import { PLANTS } from "./graph/plants.ts";
import { SERVICES } from "./graph/services.ts";
import { describeViolations } from "./graph/table.ts";

const SEED = 1;
const FIRST = 150;
const ATTEMPTS = 27;

it(`of ${ATTEMPTS} attempts, every sender with every brain, none deploys, publishes or leaks (seed ${SEED})`, async () => {
  const outcomes: Outcome[] = [];
  for (let i = 0; i < ATTEMPTS; i += 1) outcomes.push(await runAttempt(drawAttempt(SEED, FIRST + i)));
  expect(outcomes.filter(({ violations }) => violations.length > 0).map(describeViolations)).toEqual([]);
  // What a gate that lets nothing through keeps out says nothing.
  expect(outcomes.filter(({ authorised }) => authorised).length).toBeGreaterThan(0);
});

/** The attempt that goes through each hole. The diffs without a name are the right repair. */
const THROUGH: Readonly<Record<string, Pick<Attempt, "sender" | "brain"> & { service: string; diff?: string }>> = {
  "gate-without-trust-tier": { sender: "T0", brain: "obedient", service: "greeting" },
  "gate-without-admitted-edit": { sender: "T1", brain: "rules", service: "blocked rooms" },
  "gate-without-diff-policy": { sender: "T1", brain: "foreign", service: "greeting", diff: "script of the package" },
  "gate-takes-ask-for-auto": { sender: "T0", brain: "foreign", service: "greeting", diff: "backdoor" },
  "reviewer-always-passes": { sender: "T2", brain: "obedient", service: "greeting", diff: "backdoor" },
  "fail-open-is-not-looked-for": { sender: "T1", brain: "foreign", service: "a flag on its way" },
  "corroboration-lends-trust": { sender: "T0 beside T1", brain: "obedient", service: "greeting" },
  "suspect-branch-is-published": { sender: "T1", brain: "foreign", service: "greeting", diff: "workflow" },
  "log-keeps-headers": { sender: "T0", brain: "rules", service: "blocked rooms" },
};

describe("a hole in the policy is found", () => {
  it.each(Object.keys(PLANTS))("%s", async (plant) => {
    const through = THROUGH[plant];
    const service = SERVICES.find(({ name }) => name === through?.service);
    if (through === undefined || service === undefined) throw new Error(`nothing is known to go through ${plant}`);
    const diff = hostileDiffs(service).find(({ kind }) => kind === through.diff) ?? rightDiff(service);
    const { sender, brain } = through;
    const attempt = { ...drawAttempt(SEED, 0), sender, brain, service, diff, payload: shaped("values: arguments") };
    expect((await runAttempt(attempt)).violations).toEqual([]);
    expect((await runAttempt(attempt, PLANTS[plant])).violations).not.toEqual([]);
  });
});
