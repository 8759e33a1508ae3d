import type { CapturedEvent } from "../../domain/event.ts";
import type { Plan } from "../../domain/patch.ts";
import type { Workspace } from "../../domain/ports.ts";

export interface PlannerInput {
  event: CapturedEvent;
  workspace: Workspace;
  /** What a person said when the ticket was escalated; trusted. Empty otherwise. */
  guidance: string;
  signal: AbortSignal;
}

/** Turns frames into files, and decides whether there is something to fix here. Implementations: rules, model. */
export interface PlannerBrain {
  readonly name: string;
  plan(input: PlannerInput): Promise<{ plan: Plan; tokens: number }>;
}
