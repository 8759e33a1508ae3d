import type { Finding } from "../../domain/evidence.ts";
import type { Scanner } from "../../domain/ports/scanner.ts";
import type { ReviewerBrain, ReviewInput } from "./contract.ts";

/** Runs every scanner. A scanner that cannot run is reported by name, so that its silence does not count as clean. */
export function createRulesReviewer(deps: { scanners: readonly Scanner[] }): ReviewerBrain {
  return {
    name: "rules",
    async review(input) {
      const reports = await Promise.all(deps.scanners.map((scanner) => scan(scanner, input)));
      input.signal.throwIfAborted();
      return {
        findings: reports.flatMap((report) => report.findings),
        unavailable: deps.scanners.length === 0 ? ["scanners"] : reports.flatMap((report) => report.unavailable),
        tokens: 0,
      };
    },
  };
}

async function scan(scanner: Scanner, { diff, before, after }: ReviewInput) {
  try {
    const findings: Finding[] = await scanner.scan({ diff, before, after });
    return { findings, unavailable: [] };
  } catch {
    // The error may quote the code under review; the scanner's name is enough for the gate.
    return { findings: [], unavailable: [scanner.name] };
  }
}
