import type { CapturedEvent } from "../../domain/event.ts";
import type { Recollection } from "../../domain/lesson.ts";
import type { Plan } from "../../domain/plan.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";

/** When the exception was first seen, and the releases around that time. */
export interface FirstSeen {
  /** Milliseconds since the epoch. */
  firstSeen: number;
  /** The release of the Event, as a commit of the repository; null: not known. */
  crashed: string | null;
  /** The newest earlier release that reported other problems and not this one; null: none is known. */
  good: string | null;
  /** Whether a release contains a commit. */
  holds(release: string, commit: string): Promise<boolean>;
}

/** All that a planner gets for one ticket. */
export interface PlannerInput {
  /** Its frames have the line numbers of the workspace's base. */
  event: CapturedEvent;
  /** Absent: only the Event is known. */
  beginning?: FirstSeen;
  workspace: Workspace;
  /** A person's guidance from when the ticket was escalated; trusted. Empty otherwise. */
  guidance: string;
  /** The other service that threw the innermost exception of the distributed traces. */
  originService?: string;
  /** Lessons of earlier tickets like this one, the most similar first. */
  recollections?: readonly Recollection[];
  signal: AbortSignal;
}

/** Maps frames to files, and decides whether there is something to repair here. Implementations: rules, model. */
export interface PlannerBrain {
  readonly name: string;
  plan(input: PlannerInput): Promise<{ plan: Plan; tokens: number }>;
}
