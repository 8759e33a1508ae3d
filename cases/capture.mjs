// Preloaded into the trigger (`node --import capture.mjs trigger.mjs`): writes what kills the process as an Event in
// selfheal's native form, as a client would have sent it.
import { writeFileSync } from "node:fs";

function wire(error) {
  const isError = error instanceof Error;
  return {
    type: isError ? error.name : typeof error,
    value: isError ? error.message : String(error),
    ...(isError && { stack: error.stack }),
    ...(isError && error.cause instanceof Error && { cause: wire(error.cause) }),
  };
}

function keep(error) {
  const event = {
    platform: "node",
    level: "fatal",
    handled: false,
    timestamp: new Date().toISOString(),
    exception: wire(error),
  };
  writeFileSync(process.env.CASE_EVENT, JSON.stringify(event, null, 2));
  process.exit(1);
}

Error.stackTraceLimit = 50;
process.on("uncaughtException", keep);
process.on("unhandledRejection", keep);
