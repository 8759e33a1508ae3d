/** A stored time at which a ticket's run is entered again, or a person reminded. One per ticket and kind. */
export interface WakeUp {
  ticketId: string;
  /** canary: when the canary is looked at again. stuck: when an agent that shows no sign of life is taken off the ticket.
   * start: a person asked for a run. */
  kind: "verify" | "deploy" | "canary" | "remind" | "stuck" | "start";
  dueAt: number;
}

export interface WakeUpStore {
  /** Replaces an earlier one of the same ticket and kind. */
  set(wakeUp: WakeUp): Promise<void>;
  due(now: number): Promise<WakeUp[]>;
  nextDueAt(): Promise<number | null>;
  clear(ticketId: string, kind: WakeUp["kind"]): Promise<void>;
  /** Makes this one due later. Does nothing once it was cleared or replaced. */
  postpone(wakeUp: WakeUp, dueAt: number): Promise<void>;
}
