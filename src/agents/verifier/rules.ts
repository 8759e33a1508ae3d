import type { Deployment } from "../../domain/deployment.ts";
import { describeDuration } from "../../domain/duration.ts";
import type { Service } from "../../domain/service.ts";

/** What was seen while a deployed Patch was watched. */
export interface Watched {
  recurrences: number;
  /** What is wrong with the service, or null. */
  unwell: string | null;
}

/** Why a Patch did not hold; null when it did. */
export function whyNotHeld({ recurrences, unwell }: Watched): string | null {
  if (recurrences > 0) return `the exception came back ${recurrences} time(s) after it was deployed`;
  return unwell === null ? null : `the service is not well: ${unwell}`;
}

/** Why a Patch counts as held, with what is not known. */
export function howHeld(service: Service, deployment: Deployment, watchedMs: number): string {
  const unknown = ["no traffic figure is known, so the quiet may be that of an empty shop"];
  if (service.health === undefined) unknown.push("no health check is configured");
  const commit = deployment.commit.slice(0, 12);
  return `held: no recurrence in ${describeDuration(watchedMs)} since ${commit} went live; ${unknown.join("; ")}`;
}
