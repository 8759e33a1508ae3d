import type { System } from "../composition/compose.ts";
import { messageOf } from "../domain/errors.ts";

/** Delay of the first retention run, because the start has enough to do, milliseconds. */
const FIRST_MS = 60_000;

/** Checks the audit log once, and runs retention every `retention.everyMs`, until the returned function is called. */
export function startMaintenance({ stores, retention, config, log }: System): () => void {
  let stopped = false;
  const check = async () => {
    const found = await stores.audit.verify();
    if (found.kind === "broken") log.error("the audit log is broken", { entry: found.sequence, reason: found.reason });
  };
  const sweep = async () => {
    const { dryRun: _no, ...counts } = await retention.run();
    if (Object.values(counts).some((count) => count > 0)) log.info("what was old enough is gone", counts);
  };
  // A job that still runs when the stores are closed fails. That failure is not logged.
  const safely = (what: string, job: () => Promise<void>) =>
    job().catch((error) => {
      if (!stopped) log.error(`${what} could not be done`, { reason: messageOf(error) });
    });
  let timer = setTimeout(
    function look() {
      void safely("retention", sweep).then(() => {
        if (!stopped) timer = setTimeout(look, config.retention.everyMs);
      });
    },
    Math.min(FIRST_MS, config.retention.everyMs),
  );
  void safely("checking the audit log", check);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
