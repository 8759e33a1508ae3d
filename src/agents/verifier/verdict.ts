import type { Deployment } from "../../domain/deployment.ts";
import { describeDuration } from "../../domain/duration.ts";
import { atLeast, type Evidence } from "../../domain/evidence.ts";
import type { Service } from "../../domain/service.ts";

/** What was observed while a deployed Patch was watched. */
export interface Watched {
  recurrences: number;
  /** What is wrong with the service; null: nothing. */
  unwell: string | null;
}

/** Why a Patch did not hold; null when it did. */
export function whyNotHeld({ recurrences, unwell }: Watched): string | null {
  if (recurrences > 0) return `the exception came back ${recurrences} time(s) after it was deployed`;
  return unwell === null ? null : `the service is not well: ${unwell}`;
}

/**
 * The Evidence of a Patch that held. E3 is E2, a healthy canary and no recurrence. A Patch that a person let through
 * without a reproduction, or in spite of its canary, has held but is not E3. A service without canaries needs none for
 * E3, and `notChecked` names the canary.
 */
export function heldEvidence(evidence: Evidence, { canary }: Service, deployment: Deployment): Evidence {
  const healthy = deployment.canary?.verdict === "healthy";
  const others = evidence.notChecked.filter((name) => name !== "canary");
  const notChecked = healthy ? others : [...others, "canary"];
  const proven = atLeast(evidence.grade, "E2") && (canary === undefined || healthy);
  return { ...evidence, notChecked, ...(proven && { grade: "E3" as const }) };
}

/** Why a Patch counts as held, and what is not known. */
export function howHeld(service: Service, deployment: Deployment, watchedMs: number): string {
  const unknown = ["no traffic figure is known, so the quiet may be that of an empty shop"];
  if (service.health === undefined) unknown.push("no health check is configured");
  const commit = deployment.commit.slice(0, 12);
  return `held: no recurrence in ${describeDuration(watchedMs)} since ${commit} went live; ${unknown.join("; ")}`;
}
