import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Facts } from "../../src/domain/audit.ts";
import type { Finding } from "../../src/domain/evidence.ts";
import { gateFacts } from "../../src/graph/nodes/gateFacts.ts";
import { type Condition, conditionNames, decide, type GateInput } from "../../src/policy/gate.ts";
import { redoGate } from "../helpers/redoGate.ts";
import { buildEvidence, buildObservation, buildPatch, buildTicketAwaitingApproval } from "../helpers/ticketBuilder.ts";

/** An input that satisfies every condition; each case breaks something. */
function good(): GateInput {
  const { severity, review } = buildTicketAwaitingApproval();
  return {
    severity,
    plan: { trustTier: "T1" },
    patch: buildPatch(),
    evidence: buildEvidence(),
    review,
    diffFindings: [],
    policy: {
      autonomy: "full",
      autoDeploySeverity: ["critical", "high"],
      requireTestsPass: true,
      autoDeployConstructed: false,
      requireCoverage: false,
      approvePlan: false,
      maxAutoDeploysPerHour: 5,
      maxAutoDeploysPerDay: 20,
      maxFiles: 3,
      maxLines: 60,
      sandboxForAuto: "bubblewrap",
      maxTokensPerTicket: 1000,
      protectedPaths: [],
    },
    ledger: {
      autoDeploysLastHour: 0,
      autoDeploysLastDay: 0,
      rollbacksLast24h: 0,
      earlierFailures: 0,
      recurrences: 0,
      turnedDown: false,
      undoesFix: false,
      tokensSpent: 0,
      paused: false,
      liveDiverged: false,
    },
  };
}

const finding = (weight: Finding["weight"], rule = "someRule"): Finding => ({
  rule,
  weight,
  path: "src/cart.js",
  line: 1,
  message: "found",
});

type Breaker = (input: GateInput) => Partial<GateInput>;
const policy =
  (change: Partial<GateInput["policy"]>): Breaker =>
  (i) => ({ policy: { ...i.policy, ...change } });
const ledger =
  (change: Partial<GateInput["ledger"]>): Breaker =>
  (i) => ({ ledger: { ...i.ledger, ...change } });
const evidence =
  (change: Parameters<typeof buildEvidence>[0]): Breaker =>
  () => ({ evidence: buildEvidence(change) });
const review =
  (change: Partial<NonNullable<GateInput["review"]>>): Breaker =>
  (i) => ({ review: i.review === null ? null : { ...i.review, ...change } });
const ends = (end: NonNullable<Parameters<typeof buildObservation>[0]>["end"]) =>
  buildObservation(end === undefined ? {} : { end });

const planTier =
  (trustTier: "T0" | "T1" | "T3"): Breaker =>
  () => ({ plan: { trustTier } });
const faults = (newFaults: number) => ({ base: buildObservation({}), patch: buildObservation({}), newFaults });
const covering =
  (changedLinesCovered: { covered: number; total: number } | null | undefined): Breaker =>
  (i) => ({
    ...policy({ requireCoverage: true })(i),
    evidence: { ...buildEvidence(), ...(changedLinesCovered !== undefined && { changedLinesCovered }) },
  });

function withoutAdmission(kept: GateInput["review"]): GateInput["review"] {
  if (kept === null) return null;
  const { admission: _, ...rest } = kept;
  return rest;
}

const NO_EVIDENCE: Condition[] = [
  "evidenceE2",
  "patchMatchesEvidence",
  "noInfrastructureFailure",
  "suitePassed",
  "noNewFaults",
  "sandboxGrade",
  "trustTierAllowed",
];

const asks: [why: string, breaker: Breaker, missing: Condition[]][] = [
  ["supervised", policy({ autonomy: "supervised" }), ["autonomyFull"]],
  ["assist", policy({ autonomy: "assist" }), ["autonomyFull"]],
  ["medium severity", () => ({ severity: "medium" }), ["severityAutoDeployable"]],
  ["low severity", () => ({ severity: "low" }), ["severityAutoDeployable"]],
  ["no severity goes by itself", policy({ autoDeploySeverity: [] }), ["severityAutoDeployable"]],
  ["never tested", () => ({ evidence: null }), NO_EVIDENCE],
  ["E1", evidence({ grade: "E1" }), ["evidenceE2"]],
  ["E0", evidence({ grade: "E0" }), ["evidenceE2"]],
  ["no grade", evidence({ grade: "none" }), ["evidenceE2"]],
  ["E2 without a reproduction", evidence({ reproductionBase: null, reproductionPatch: null }), ["evidenceE2"]],
  ["E2, green on the base", evidence({ reproductionBase: ends({ kind: "exit", code: 0 }) }), ["evidenceE2"]],
  ["E2, timed out on the base", evidence({ reproductionBase: ends({ kind: "timeout", afterMs: 9 }) }), ["evidenceE2"]],
  [
    "E2, not started on the base",
    evidence({ reproductionBase: ends({ kind: "unstartable", reason: "ENOENT" }) }),
    ["evidenceE2"],
  ],
  ["E2, red on the patch", evidence({ reproductionPatch: ends({ kind: "exit", code: 1 }) }), ["evidenceE2"]],
  [
    "E2, killed on the patch",
    evidence({ reproductionPatch: ends({ kind: "signal", signal: "SIGKILL" }) }),
    ["evidenceE2"],
  ],
  [
    "a constructed input",
    evidence({ reproduction: { kind: "call", origin: "constructed" }, shortfalls: ["constructedInput"] }),
    ["inputCaptured"],
  ],
  [
    "a test that a model wrote, even where a constructed input will do",
    (i) => ({
      ...policy({ autoDeployConstructed: true })(i),
      ...evidence({ reproduction: { kind: "modelTest", origin: "constructed" } })(i),
    }),
    ["inputCaptured"],
  ],
  ["a proof with an event of a public key", evidence({ trustTier: "T0" }), ["trustTierAllowed"]],
  [
    "a proof with an event of a public key, by a request",
    evidence({ trustTier: "T0", reproduction: { kind: "request", origin: "captured" } }),
    ["trustTierAllowed"],
  ],
  ["a plan from an event of a public key", planTier("T0"), ["trustTierAllowed"]],
  ["a plan of unknown origin", () => ({ plan: {} }), ["trustTierAllowed"]],
  ["no plan", () => ({ plan: null }), ["trustTierAllowed"]],
  [
    "a file that a model asked for",
    () => ({ plan: { trustTier: "T1", beyondFrames: ["src/auth.js"] } }),
    ["planFromFrames"],
  ],
  ["not judged by the closed list", (i) => ({ review: withoutAdmission(i.review) }), ["admittedEdit"]],
  ["no entry of the closed list", review({ admission: { entries: [], findings: [] } }), ["admittedEdit"]],
  [
    "an edit that may open something",
    review({ admission: { entries: ["optionalAccess"], findings: [finding("soft", "failOpen")] } }),
    ["admittedEdit"],
  ],
  ["existing tests changed", evidence({ touchesExistingTests: true }), ["evidenceE2"]],
  ["evidence of another patch", evidence({ patchDigest: "f".repeat(64) }), ["patchMatchesEvidence"]],
  ["evidence on another base", evidence({ baseCommit: "0".repeat(40) }), ["patchMatchesEvidence"]],
  ["infrastructure", evidence({ infrastructure: "no space left" }), ["noInfrastructureFailure"]],
  ["suite not run", evidence({ suiteBase: null, suitePatch: null }), ["suitePassed"]],
  ["suite red on the base", evidence({ suiteBase: ends({ kind: "exit", code: 1 }) }), ["suitePassed"]],
  ["suite red on the patch", evidence({ suitePatch: ends({ kind: "exit", code: 2 }) }), ["suitePassed"]],
  ["suite killed", evidence({ suitePatch: ends({ kind: "signal", signal: "SIGSEGV" }) }), ["suitePassed"]],
  ["suite timed out", evidence({ suitePatch: ends({ kind: "timeout", afterMs: 120_000 }) }), ["suitePassed"]],
  ["new faults of types", evidence({ typeCheck: faults(1) }), ["noNewFaults"]],
  ["new faults of lint", evidence({ lint: faults(3) }), ["noNewFaults"]],
  ["a changed line never ran", covering({ covered: 2, total: 3 }), ["changedLinesCovered"]],
  ["coverage not measured", covering(null), ["changedLinesCovered"]],
  ["coverage not measured (an old ticket)", covering(undefined), ["changedLinesCovered"]],
  ["weaker sandbox", evidence({ sandbox: "namespaces" }), ["sandboxGrade"]],
  ["no sandbox", evidence({ sandbox: "none" }), ["sandboxGrade"]],
  ["not reviewed", () => ({ review: null }), ["reviewClean", "admittedEdit"]],
  ["review of another patch", review({ patchDigest: "f".repeat(64) }), ["reviewClean", "admittedEdit"]],
  ["a soft review finding", review({ findings: [finding("soft")] }), ["reviewClean"]],
  ["a scanner that could not run", review({ unavailable: ["secretlint"] }), ["reviewClean"]],
  ["a soft diff finding", () => ({ diffFindings: [finding("soft")] }), ["diffPolicyClean"]],
  ["T0 without E2", evidence({ trustTier: "T0", grade: "E1" }), ["evidenceE2", "trustTierAllowed"]],
  ["hour used up", ledger({ autoDeploysLastHour: 5 }), ["rateHour"]],
  ["day used up", ledger({ autoDeploysLastDay: 20 }), ["rateDay"]],
  ["none an hour", policy({ maxAutoDeploysPerHour: 0 }), ["rateHour"]],
  ["tokens overspent", ledger({ tokensSpent: 1001 }), ["tokenBudget"]],
  ["two roll backs in a day", ledger({ rollbacksLast24h: 2 }), ["breakerClosed"]],
  ["failed before", ledger({ earlierFailures: 1 }), ["firstFailure"]],
  ["came back twice, and no test is in the patch", ledger({ recurrences: 2 }), ["regressionTested"]],
  ["a person said no", ledger({ turnedDown: true }), ["notTurnedDown"]],
  ["undoes an earlier fix", ledger({ undoesFix: true }), ["notUndoingFix"]],
  ["paused", ledger({ paused: true }), ["notPaused"]],
  ["diverged", ledger({ liveDiverged: true }), ["baseCurrent"]],
];

const autos: [why: string, change: Breaker][] = [
  ["everything holds", () => ({})],
  ["came back once", ledger({ recurrences: 1 })],
  [
    "came back twice, and a test is in the patch",
    (input) => ({
      ...ledger({ recurrences: 2 })(input),
      patch: { ...input.patch, files: ["src/cart.js", "test/cart.test.js"] },
    }),
  ],
  ["old faults only", evidence({ typeCheck: faults(0), lint: faults(0) })],
  ["every changed line ran", covering({ covered: 3, total: 3 })],
  ["nothing to run was added", covering({ covered: 0, total: 0 })],
  ["coverage is not asked for", evidence({ changedLinesCovered: { covered: 0, total: 3 } })],
  ["critical", () => ({ severity: "critical" })],
  ["E3", evidence({ grade: "E3" })],
  ["crashed by a signal on the base", evidence({ reproductionBase: ends({ kind: "signal", signal: "SIGABRT" }) })],
  [
    "a constructed input where that will do",
    (i) => ({
      ...policy({ autoDeployConstructed: true })(i),
      ...evidence({ reproduction: { kind: "call", origin: "constructed" } })(i),
    }),
  ],
  ["T3", (i) => ({ ...planTier("T3")(i), ...evidence({ trustTier: "T3" })(i) })],
  ["tests not required", (i) => ({ ...policy({ requireTestsPass: false })(i), ...evidence({ suitePatch: null })(i) })],
  [
    "a weaker sandbox is configured",
    (i) => ({ ...policy({ sandboxForAuto: "none" })(i), ...evidence({ sandbox: "none" })(i) }),
  ],
  ["a stronger sandbox than asked for", policy({ sandboxForAuto: "namespaces" })],
  ["one left in the hour", ledger({ autoDeploysLastHour: 4, autoDeploysLastDay: 19 })],
  ["one roll back", ledger({ rollbacksLast24h: 1 })],
  ["budget just used up", ledger({ tokensSpent: 1000 })],
  ["no budget and none spent", policy({ maxTokensPerTicket: 0 })],
];

const refusals: [why: string, breaker: Breaker, refusedBy: string[]][] = [
  ["observe", policy({ autonomy: "observe" }), ["observeOnly"]],
  ["a hard diff finding", () => ({ diffFindings: [finding("hard", "symlink")] }), ["symlink"]],
  ["a hard review finding", review({ findings: [finding("hard", "leakedSecret")] }), ["leakedSecret"]],
  [
    "the same rule twice, and a soft one",
    (i) => ({
      diffFindings: [finding("hard", "symlink"), finding("soft")],
      ...review({ findings: [finding("hard", "symlink"), finding("hard", "evalAdded")] })(i),
    }),
    ["symlink", "evalAdded"],
  ],
  [
    "hard, in a review of another patch too",
    review({ patchDigest: "f".repeat(64), findings: [finding("hard", "symlink")] }),
    ["symlink"],
  ],
];

describe("decide", () => {
  it.each(autos)("lets it go by itself: %s", (_why, change) => {
    expect(decide({ ...good(), ...change(good()) })).toEqual({ verdict: "auto", missing: [], refusedBy: [] });
  });

  it.each(asks)("asks a person: %s", (_why, breaker, missing) => {
    expect(decide({ ...good(), ...breaker(good()) })).toEqual({ verdict: "ask", missing, refusedBy: [] });
  });

  it.each(refusals)("refuses: %s", (_why, breaker, refusedBy) => {
    expect(decide({ ...good(), ...breaker(good()) })).toMatchObject({ verdict: "refuse", refusedBy });
  });

  const all = [...autos, ...asks, ...refusals].map(([why, change]) => [why, change] as const);
  it.each(all)("can be decided again from the facts of the audit log alone: %s", (_why, change) => {
    const input = { ...good(), ...change(good()) };
    const facts = gateFacts(input, decide(input));
    expect(Facts.parse(facts)).toEqual(facts);
    expect(redoGate(facts)).toEqual(decide(input));
  });

  it("has a case for every condition", () => {
    expect(new Set(asks.flatMap(([, , missing]) => missing))).toEqual(new Set(conditionNames));
  });

  it("is auto only if every condition holds: whatever set of breakers is applied, each one's condition is missing", () => {
    const single = asks.filter(([, , missing]) => missing.length === 1);
    fc.assert(
      fc.property(fc.subarray(single), (broken) => {
        // Breakers of the same part overwrite one another, so parts are merged one level deep.
        const input = broken.reduce<GateInput>((i, [, breaker]) => merged(i, breaker(i)), good());
        const outcome = decide(input);
        expect(outcome.verdict === "auto").toBe(outcome.missing.length === 0);
        if (broken.length > 0) expect(outcome.verdict).toBe("ask");
      }),
    );
  });

  it("refuses any hard finding, wherever it comes from and whatever else holds", () => {
    const where = fc.constantFrom<"diff" | "review">("diff", "review");
    fc.assert(
      fc.property(where, fc.string({ minLength: 1 }), fc.subarray(asks), (place, rule, broken) => {
        const base = broken.reduce<GateInput>((i, [, breaker]) => merged(i, breaker(i)), good());
        const found = [finding("hard", rule)];
        const kept = good().review;
        const input =
          place === "diff" || kept === null
            ? { ...base, diffFindings: found }
            : { ...base, review: { ...kept, findings: found } };
        expect(decide(input)).toMatchObject({ verdict: "refuse", refusedBy: [rule] });
      }),
    );
  });

  it("never throws, and refuses what it cannot read", () => {
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        expect(decide(anything as GateInput)).toMatchObject({ verdict: "refuse", refusedBy: ["unreadableInput"] });
      }),
    );
  });

  it("refuses when a single field is not what it should be", () => {
    const places: (readonly string[])[] = Object.entries(good()).flatMap(([key, value]) =>
      key === "policy" || key === "ledger" ? Object.keys(value as object).map((inner) => [key, inner]) : [[key]],
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.constantFrom(Number.NaN, undefined, { a: 1 }, -1),
        ([outer, inner], junk) => {
          const input: Record<string, unknown> = { ...good() };
          if (outer === undefined) return;
          input[outer] = inner === undefined ? junk : { ...(input[outer] as object), [inner]: junk };
          expect(decide(input as unknown as GateInput).verdict).toBe("refuse");
        },
      ),
    );
  });
});

function merged(input: GateInput, change: Partial<GateInput>): GateInput {
  const evidence = change.evidence === undefined ? input.evidence : worse(input.evidence, change.evidence);
  const review = change.review === undefined || input.review === null ? input.review : change.review;
  return { ...input, ...change, evidence, review };
}

/** Keeps what an earlier breaker broke: fields of `next` that differ from good evidence win, the others stay. */
function worse(before: GateInput["evidence"], next: GateInput["evidence"]): GateInput["evidence"] {
  if (before === null || next === null) return null;
  const whole = buildEvidence();
  const changed = Object.entries(next).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(whole[key as keyof typeof whole]),
  );
  return { ...before, ...Object.fromEntries(changed) };
}
