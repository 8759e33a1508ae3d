/** A stored time at which a Run of the ticket is started again, or a person is reminded. One per ticket and kind. */
export interface WakeUp {
  ticketId: string;
  /**
   * verify: check a Patch in its soak window, or one that a person applied. deploy: deploy, or try again. canary: read
   * the canary's counters again. remind: remind people of the open question. stuck: the heartbeat timeout of the
   * ticket's agent, after which the ticket is taken from it. start: a person asked for a Run.
   */
  kind: "verify" | "deploy" | "canary" | "remind" | "stuck" | "start";
  dueAt: number;
}

/** Durable timers of tickets. */
export interface WakeUpStore {
  /** Replaces the wake-up of the same ticket and kind. */
  set(wakeUp: WakeUp): Promise<void>;
  /** The wake-ups that are due, the soonest first. */
  due(now: number): Promise<WakeUp[]>;
  nextDueAt(): Promise<number | null>;
  clear(ticketId: string, kind: WakeUp["kind"]): Promise<void>;
  /** Moves this wake-up to a later time. Does nothing if it was cleared or replaced meanwhile. */
  postpone(wakeUp: WakeUp, dueAt: number): Promise<void>;
}
