import type { Scanner } from "../../domain/ports/scanner.ts";
import { createInvisibleScanner } from "./invisibleScanner.ts";
import { createSecretsScanner } from "./secretsScanner.ts";
import { createTestsScanner } from "./testsScanner.ts";
import { createUnsafeCodeScanner } from "./unsafeCodeScanner.ts";

/**
 * Every scanner of diffs. Each reports only what a patch adds. A scanner that throws counts as unavailable, never as
 * clean.
 */
export function createScanners(): Scanner[] {
  return [createSecretsScanner(), createUnsafeCodeScanner(), createTestsScanner(), createInvisibleScanner()];
}
