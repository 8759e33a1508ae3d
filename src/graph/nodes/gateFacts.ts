import { evidenceFacts } from "../../agents/tester/auditFacts.ts";
import type { Facts } from "../../domain/audit.ts";
import type { Finding } from "../../domain/evidence.ts";
import type { GateInput, GateOutcome } from "../../policy/gate.ts";

/**
 * The gate's decision and everything that `decide` read, so that a reader of the audit log can decide it again. Holds
 * names, numbers and digests, and no text of an Event. A field that is added to Policy or Ledger appears without a
 * change here.
 */
export function gateFacts(input: GateInput, outcome: GateOutcome): Facts {
  const { patch, evidence, review } = input;
  return {
    ...outcome,
    patch: patch.digest,
    base: patch.baseCommit,
    files: patch.files,
    severity: input.severity,
    ...under("plan", input.plan ?? {}),
    ...under("evidence", evidence === null ? {} : { patch: evidence.patchDigest, ...evidenceFacts(evidence) }),
    grade: evidence?.grade ?? "none",
    ...under("review", review === null ? {} : { patch: review.patchDigest, by: review.by, ...reviewFacts(review) }),
    diffFindings: input.diffFindings.map(findingName),
    ...under("policy", input.policy),
    ...under("ledger", input.ledger),
  };
}

function reviewFacts({ findings, unavailable, admission }: NonNullable<GateInput["review"]>): Facts {
  return {
    findings: findings.map(findingName),
    unavailable,
    ...(admission && { admitted: admission.entries, notAdmitted: admission.findings.map(({ rule }) => rule) }),
  };
}

/** For example `hard secretInDiff`. The message stays on the ticket, because it may quote the diff. */
function findingName({ weight, rule }: Finding): string {
  return `${weight} ${rule}`;
}

function under(prefix: string, values: object): Facts {
  const facts: Facts = {};
  for (const [name, value] of Object.entries(values)) Object.assign(facts, named(`${prefix}.${name}`, value));
  return facts;
}

/** One fact for a plain value or a list; one fact per field for an object. */
function named(name: string, value: unknown): Facts {
  if (value === undefined) return {};
  if (Array.isArray(value))
    return { [name]: value.map((part) => (typeof part === "string" ? part : JSON.stringify(part))) };
  if (value === null || typeof value === "number" || typeof value === "boolean" || typeof value === "string")
    return { [name]: value };
  return typeof value === "object" ? under(name, value) : {};
}
