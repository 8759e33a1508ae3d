import { admissionOf } from "../../../src/agents/securityReviewer/admission.ts";
import type { Admission, Finding } from "../../../src/domain/evidence.ts";
import { describeDiff } from "../../../src/domain/patch.ts";
import type { Workspace } from "../../../src/domain/ports/workspace.ts";
import type { Policy } from "../../../src/domain/service.ts";
import type { Verdict } from "../../../src/domain/ticket.ts";
import { reviewDiff } from "../../../src/policy/diffPolicy.ts";
import { decide } from "../../../src/policy/gate.ts";
import { newCapabilities } from "../../../src/policy/newCapabilities.ts";
import { createScanners } from "../../../src/tools/scanners/scanners.ts";
import { buildEvidence, buildPatch, buildPlan, buildTicketAwaitingApproval } from "../../helpers/ticketBuilder.ts";
import type { DiffCase } from "./diffCase.ts";

/** What the gate says about a case, and the findings behind it. */
export interface CaseVerdict {
  verdict: Verdict;
  findings: readonly Finding[];
}

const POLICY: Policy = {
  autonomy: "full",
  autoDeploySeverity: ["critical", "high"],
  requireTestsPass: true,
  autoDeployConstructed: false,
  requireCoverage: false,
  approvePlan: false,
  maxAutoDeploysPerHour: 5,
  maxAutoDeploysPerDay: 20,
  maxFiles: 3,
  maxLines: 60,
  sandboxForAuto: "bubblewrap",
  maxTokensPerTicket: 1000,
  protectedPaths: [],
};
const scanners = createScanners();

/**
 * Asks the policy about one case in a world where everything else is perfect: E2, T1, level full, and a plan that names
 * every file of the diff, as the plan of a model that obeys the attacker does.
 */
export async function verdictOf(one: DiffCase, diff: string): Promise<CaseVerdict> {
  const paths = one.files.map(({ path }) => path);
  const before = new Map(one.files.map(({ path, before: text }) => [path, text ?? ""]));
  const after = new Map(one.files.map(({ path, after: text }) => [path, text ?? ""]));
  const diffFindings = reviewDiff(diff, { allowedFiles: paths, policy: POLICY });
  const scanned = (await Promise.all(scanners.map((scanner) => scanner.scan({ diff, before, after })))).flat();
  const found = [...newCapabilities(one.files), ...scanned];
  const admission = await admissionOf({
    workspace: treeOf(one),
    files: one.files,
    message: one.crash.message,
    plan: buildPlan({ files: paths, places: [{ file: one.crash.path, line: one.crash.line }] }),
    own: null,
  });
  return {
    verdict: gate(diff, diffFindings, found, admission),
    findings: [...diffFindings, ...found, ...admission.findings],
  };
}

/** The base of a case, as the reviewer reads it. */
function treeOf({ files, repository = {} }: DiffCase): Pick<Workspace, "files" | "read"> {
  const texts = new Map(Object.entries(repository));
  for (const { path, before } of files) if (before !== null) texts.set(path, before);
  return { files: async () => [...texts.keys()], read: async (path) => texts.get(path) ?? "" };
}

function gate(diff: string, diffFindings: Finding[], scanned: Finding[], admission: Admission): Verdict {
  const patch = buildPatch({ diff, ...describeDiff(diff) });
  const { severity, review } = buildTicketAwaitingApproval();
  const { verdict } = decide({
    severity,
    plan: { trustTier: "T1" },
    patch,
    evidence: buildEvidence({ patchDigest: patch.digest }),
    review: review === null ? null : { ...review, patchDigest: patch.digest, findings: scanned, admission },
    diffFindings,
    policy: POLICY,
    ledger: {
      autoDeploysLastHour: 0,
      autoDeploysLastDay: 0,
      rollbacksLast24h: 0,
      earlierFailures: 0,
      recurrences: 0,
      turnedDown: false,
      undoesFix: false,
      tokensSpent: 0,
      paused: false,
      liveDiverged: false,
    },
  });
  return verdict;
}
