import type { LocalProcessRunner } from "../tools/sandbox/processRunner.ts";

/** A process runner whose commands can be ended together. */
export interface StoppableRunner {
  processes: LocalProcessRunner;
  /** Aborts every command under way, and resolves once each of them has been cleaned up. */
  stop(): Promise<void>;
}

/** Wraps a runner so that the commands that it runs can be ended when the system closes. */
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
