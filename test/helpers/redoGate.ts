import type { Facts } from "../../src/domain/audit.ts";
import type { Finding, Observation, ProcessEnd } from "../../src/domain/evidence.ts";
import { decide, type GateOutcome } from "../../src/policy/gate.ts";
import { buildEvidence, buildObservation, buildPatch } from "./ticketBuilder.ts";

/** Decides again from nothing but the facts of a `gate.decided` entry, as a reader of the log would. */
export function redoGate(facts: Facts): GateOutcome {
  const evidence = partOf(facts, "evidence");
  const review = partOf(facts, "review");
  const input = {
    ...facts,
    patch: buildPatch({ digest: String(facts.patch), baseCommit: String(facts.base), files: facts.files as string[] }),
    evidence:
      evidence === null
        ? null
        : {
            ...buildEvidence(),
            ...evidence,
            patchDigest: evidence.patch,
            baseCommit: evidence.base,
            suiteBase: seen(evidence.suiteBase),
            suitePatch: seen(evidence.suitePatch),
            reproductionBase: seen(evidence.reproductionBase),
            reproductionPatch: seen(evidence.reproductionPatch),
            buildPatch: seen(evidence.buildPatch),
            typeCheck: check(evidence.typeCheck),
            lint: check(evidence.lint),
          },
    plan: partOf(facts, "plan"),
    review:
      review === null
        ? null
        : { ...review, patchDigest: review.patch, findings: findings(review.findings), admission: admissionOf(review) },
    diffFindings: findings(facts.diffFindings),
    policy: partOf(facts, "policy"),
    ledger: partOf(facts, "ledger"),
  };
  return decide(input as Parameters<typeof decide>[0]);
}

function partOf(facts: Facts, prefix: string): Facts | null {
  const part = Object.entries(facts).flatMap(([name, value]) =>
    name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), value] as const] : [],
  );
  return part.length === 0 ? null : nested(part);
}

/** `budgets.maxUsd` becomes a field of `budgets`. */
function nested(part: readonly (readonly [string, Facts[string]])[]): Facts {
  const whole: Record<string, unknown> = {};
  for (const [name, value] of part) {
    const path = name.split(".");
    const last = path.pop() ?? "";
    let place = whole;
    for (const step of path) {
      place[step] ??= {};
      place = place[step] as Record<string, unknown>;
    }
    place[last] = value;
  }
  return whole as Facts;
}

function findings(names: unknown): Finding[] {
  return (names as string[]).map((name) => {
    const [weight = "", ...rule] = name.split(" ");
    return { weight: weight as Finding["weight"], rule: rule.join(" "), path: "", line: 0, message: "" };
  });
}

function admissionOf({ admitted, notAdmitted }: Facts) {
  if (admitted === undefined) return undefined;
  return {
    entries: admitted,
    findings: (notAdmitted as string[]).map((rule) => ({ ...findings([`soft ${rule}`])[0], rule })),
  };
}

function seen(words: unknown): Observation | null {
  return words === null ? null : buildObservation({ end: endOf(String(words)) });
}

function check(counted: unknown) {
  const pair = { base: buildObservation({}), patch: buildObservation({}) };
  return counted === undefined ? null : { ...pair, newFaults: (counted as { newFaults: number }).newFaults };
}

/** Reads what describeEnd wrote. */
function endOf(words: string): ProcessEnd {
  const [, code] = /^exit (\d+)$/.exec(words) ?? [];
  if (code !== undefined) return { kind: "exit", code: Number(code) };
  const [, signal] = /^killed by (\w+)$/.exec(words) ?? [];
  if (signal !== undefined) return { kind: "signal", signal };
  return words.startsWith("timed out") ? { kind: "timeout", afterMs: 1 } : { kind: "unstartable", reason: words };
}
