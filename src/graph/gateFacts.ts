import { evidenceFacts } from "../agents/tester/auditFacts.ts";
import type { Facts } from "../domain/audit.ts";
import type { Finding } from "../domain/evidence.ts";
import type { GateInput, GateOutcome } from "../policy/gate.ts";

/**
 * What the gate decided and everything that `decide` looked at, so that a reader of the audit log can decide it again. Names,
 * numbers and digests; no text of an Event. What is added to Policy or Ledger is in it without a change here.
 */
export function gateFacts(input: GateInput, outcome: GateOutcome): Facts {
  const { patch, evidence, review } = input;
  return {
    ...outcome,
    patch: patch.digest,
    base: patch.baseCommit,
    files: patch.files,
    severity: input.severity,
    trustTier: input.trustTier,
    corroborated: input.corroborated,
    ...under("evidence", evidence === null ? {} : { patch: evidence.patchDigest, ...evidenceFacts(evidence) }),
    grade: evidence?.grade ?? "none",
    ...under("review", review === null ? {} : { patch: review.patchDigest, by: review.by, ...reviewFacts(review) }),
    diffFindings: input.diffFindings.map(findingName),
    ...under("policy", input.policy),
    ...under("ledger", input.ledger),
  };
}

function reviewFacts({ findings, unavailable }: NonNullable<GateInput["review"]>): Facts {
  return { findings: findings.map(findingName), unavailable };
}

/** `hard secretInDiff`: the message stays on the ticket, for it may quote the diff. */
function findingName({ weight, rule }: Finding): string {
  return `${weight} ${rule}`;
}

function under(prefix: string, values: object): Facts {
  const facts: Facts = {};
  for (const [name, value] of Object.entries(values)) Object.assign(facts, named(`${prefix}.${name}`, value));
  return facts;
}

/** A value of its own, or one fact a part of it. */
function named(name: string, value: unknown): Facts {
  if (value === undefined) return {};
  if (Array.isArray(value))
    return { [name]: value.map((part) => (typeof part === "string" ? part : JSON.stringify(part))) };
  if (value === null || typeof value === "number" || typeof value === "boolean" || typeof value === "string")
    return { [name]: value };
  return typeof value === "object" ? under(name, value) : {};
}
