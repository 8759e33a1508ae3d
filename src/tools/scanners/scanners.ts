import type { Scanner } from "../../domain/ports/scanner.ts";
import { createInvisibleScanner } from "./invisibleScanner.ts";
import { createSecretsScanner } from "./secretsScanner.ts";
import { createTestsScanner } from "./testsScanner.ts";
import { createUnsafeCodeScanner } from "./unsafeCodeScanner.ts";

/** Every scanner of diffs. Each reports only what a patch brings in; one that throws is unavailable, never clean. */
export function createScanners(): Scanner[] {
  return [createSecretsScanner(), createUnsafeCodeScanner(), createTestsScanner(), createInvisibleScanner()];
}
