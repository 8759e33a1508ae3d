import { SelfhealError } from "../domain/errors.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";

/** A RunStarter whose implementation is set later: the graph needs a starter, and the starter needs the graph. */
export interface LateRunStarter {
  starter: RunStarter;
  /** Must be called before the first run. */
  set(starter: RunStarter): void;
}

/** Creates the starter. Every call throws SelfhealError `noRunner` until `set` was called. */
export function createLateRunStarter(): LateRunStarter {
  let real: RunStarter | undefined;
  const get = () => {
    if (real === undefined) throw new SelfhealError("noRunner", "no runner was set: call runBy() before the first run");
    return real;
  };
  return {
    starter: {
      start: (threadId, input) => get().start(threadId, input),
      resume: (threadId, decision) => get().resume(threadId, decision),
      stop: (threadId) => get().stop(threadId),
    },
    set: (starter) => {
      real = starter;
    },
  };
}
