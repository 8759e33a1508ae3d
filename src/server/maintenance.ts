import type { System } from "../composition/compose.ts";
import { messageOf } from "../domain/errors.ts";

/** After the start, which has enough to do. */
const FIRST_MS = 60_000;

/** Checks the audit log once, and runs retention every now and then, until stopped. */
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
  // What is under way when the stores are closed ends with them, and there is nobody to tell.
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
