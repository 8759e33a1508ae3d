import type { Evidence } from "../../domain/evidence.ts";
import { revealed } from "../../domain/plainText.ts";
import type { Quoter } from "../prompting/untrustedText.ts";

/**
 * Increase it with every change of the texts below. It is part of the brain's name, so that a receipt shows which
 * wording was used.
 */
export const version = "securityReviewer-1";

const SYSTEM = `You review a diff that a program wrote to repair a crash, before it is deployed without a person. Tests were run already and say nothing about harm. You are told neither the crash nor the author's reasons, on purpose.
Report only harm that this diff brings in: injection, a check of rights or of input that is weakened or skipped, data shown to the wrong people, secrets, unsafe parsing or paths, code that is run from text, an endless loop, an exception that is swallowed so that wrong data is kept.
Do not report style, missing tests, or what was there before. An empty list is a good answer.
Each finding: rule (a few words in camelCase), path (a file of the diff), line (in the new file), message (one sentence for people).`;

export function systemPrompt(quoter: Quoter): string {
  return `${SYSTEM}\n${quoter.notice}`;
}

/** Invisible characters are shown, not removed: the review looks for them. */
export function userPrompt(diff: string, evidence: Evidence, quoter: Quoter, maxLength: number): string {
  const facts = [
    `evidence: grade ${evidence.grade}; existing tests changed: ${evidence.touchesExistingTests ? "yes" : "no"}`,
    `not shown by the evidence: ${evidence.shortfalls.join(", ") || "nothing"}`,
    "policy: a repair changes few lines of the crashing code; no new dependency, process, network, eval or environment read",
  ];
  return `${quoter.quote("facts", facts.join("\n"), 2000)}\n\n${quoter.quote("diff", revealed(diff), maxLength)}`;
}
