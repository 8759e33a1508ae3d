import type { LocalProcessRunner } from "../tools/sandbox/processRunner.ts";

/** A process runner whose commands can be stopped together. */
export interface StoppableRunner {
  processes: LocalProcessRunner;
  /** Aborts every running command, and resolves once all of them have been cleaned up. */
  stop(): Promise<void>;
}

/** Wraps a runner so that its commands can be stopped when the system closes. */
export function createStoppableRunner(runner: LocalProcessRunner): StoppableRunner {
  const underWay = new Set<Promise<unknown>>();
  const stopping = new AbortController();
  return {
    processes: {
      run(spec) {
        const signal = spec.signal ? AbortSignal.any([spec.signal, stopping.signal]) : stopping.signal;
        const running = runner.run({ ...spec, signal }).finally(() => underWay.delete(running));
        underWay.add(running);
        return running;
      },
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled([...underWay]);
    },
  };
}
