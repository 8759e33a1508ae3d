import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { normalizeEvent } from "../../../src/ingest/normalize.ts";
import { scrub } from "../../../src/ingest/privacy/scrub.ts";
import { tempFolder } from "../../helpers/tempFolder.ts";

/** A program that crashes under the real SDK, which prints the event it would send. */
const PROGRAM = `
import * as Sentry from "SDK";
Sentry.init({
  dsn: "http://public@127.0.0.1:9/1",
  release: "shop@1.2.3",
  beforeSend(event) {
    process.stdout.write(JSON.stringify(event) + "\\n");
    return null;
  },
});
class CheckoutError extends Error {
  name = "CheckoutError";
}
function cityOf(user) {
  return user.address.city;
}
function checkout(user) {
  try {
    return cityOf(user);
  } catch (cause) {
    throw new CheckoutError("checkout failed for ann@example.com", { cause });
  }
}
Sentry.setTag("service", "shop-api");
try {
  checkout({});
} catch (error) {
  Sentry.captureException(error);
}
try {
  throw "just text";
} catch (error) {
  Sentry.captureException(error);
}
await Sentry.flush(300_000);
`;

test("reads what the real Sentry SDK for Node sends", async () => {
  const file = join(tempFolder(), "crash.mjs");
  const sdk = pathToFileURL(join(import.meta.dirname, "../../../node_modules/@sentry/node/build/esm/index.js")).href;
  writeFileSync(file, PROGRAM.replace("SDK", sdk));
  const { stdout } = await promisify(execFile)(process.execPath, [file]);
  const events = stdout.trim().split("\n");
  const origin = {
    project: "p",
    tier: "T1" as const,
    receivedAt: 5,
    defaultService: undefined,
    newId: () => "0".repeat(32),
  };
  const [crash, thrownText] = events.map((line) => {
    const result = normalizeEvent(JSON.parse(line), origin);
    if (result.kind === "invalid") throw new Error(JSON.stringify(result.faults));
    return scrub(result.event);
  });
  expect(crash).toMatchObject({
    service: "shop-api",
    platform: "node",
    level: "error",
    handled: true,
    release: "shop@1.2.3",
    exception: { type: "CheckoutError", value: "checkout failed for [scrubbed:email]" },
    causes: [{ type: "TypeError", value: "Cannot read properties of undefined (reading 'city')" }],
  });
  expect(crash?.exception.frames[0]).toMatchObject({ file, function: "checkout", line: 21, inApp: true });
  expect(crash?.causes[0]?.frames[0]).toMatchObject({ file, function: "cityOf", line: 15, inApp: true });
  expect(crash?.causes[0]?.frames[0]?.contextLine).toContain("user.address.city");
  expect(thrownText?.exception).toMatchObject({ value: "just text" });
});
