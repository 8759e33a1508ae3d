import type { CapturedEvent } from "../../domain/event.ts";
import type { Recollection } from "../../domain/lesson.ts";
import type { Plan } from "../../domain/patch.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";

/** What is known of when it began. */
export interface FirstSeen {
  /** Milliseconds since the epoch. */
  firstSeen: number;
  /** The release it was captured in, as a commit of the repository; null: not known. */
  crashed: string | null;
  /** The newest release before it that other problems were reported of, and not this one; null: none is known. */
  good: string | null;
  /** Whether a release holds a commit. */
  holds(release: string, commit: string): Promise<boolean>;
}

export interface PlannerInput {
  /** Its frames are where the workspace's base has them. */
  event: CapturedEvent;
  /** Absent: the Event is all there is. */
  beginning?: FirstSeen;
  workspace: Workspace;
  /** What a person said when the ticket was escalated; trusted. Empty otherwise. */
  guidance: string;
  /** The other service whose exception is the innermost one of the distributed traces. */
  originService?: string;
  /** What earlier tickets like this one teach, the most alike first. */
  recollections?: readonly Recollection[];
  signal: AbortSignal;
}

/** Turns frames into files, and decides whether there is something to fix here. Implementations: rules, model. */
export interface PlannerBrain {
  readonly name: string;
  plan(input: PlannerInput): Promise<{ plan: Plan; tokens: number }>;
}
