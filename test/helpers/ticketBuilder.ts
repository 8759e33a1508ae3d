import type { Evidence, Observation } from "../../src/domain/evidence.ts";
import { uuidFrom } from "../../src/domain/ids.ts";
import { describeDiff, digestOf, type Patch } from "../../src/domain/patch.ts";
import type { Plan } from "../../src/domain/plan.ts";
import type { Ticket } from "../../src/domain/ticket.ts";

/** A fixed moment: 2025-10-09T08:00:00Z, in milliseconds. */
export const BUILT_AT = 1_759_996_800_000;

/** The diff that the builders' patches are of. */
export const BUILT_DIFF = `diff --git a/src/cart.js b/src/cart.js
index 1111111..2222222 100644
--- a/src/cart.js
+++ b/src/cart.js
@@ -10,4 +10,4 @@ export function total(cart) {
 export function city(user) {
   // Guests have no address.
-  return user.address.city;
+  return user.address?.city ?? "";
 }
`;

const BASE_COMMIT = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678";

/** A Patch of `diff` (default BUILT_DIFF); digest, files and line counts follow from it. */
export function buildPatch(overrides: Partial<Patch> & { diff?: string } = {}): Patch {
  const { diff = BUILT_DIFF, ...rest } = overrides;
  return {
    digest: digestOf(diff),
    baseCommit: BASE_COMMIT,
    ...describeDiff(diff),
    by: "rules:optionalChaining",
    explanation: "Reads the city only when there is an address.",
    ...rest,
  };
}

/** One command that ran: green on the patch unless told otherwise. */
export function buildObservation(overrides: Partial<Observation> = {}): Observation {
  const tail = overrides.tail ?? "# tests 12\n# pass 12\n# fail 0";
  return {
    command: "npm test",
    on: "patch",
    end: { kind: "exit", code: 0 },
    durationMs: 1840,
    sandbox: "bubblewrap",
    output: digestOf(tail),
    tail,
    ...overrides,
  };
}

/** Evidence of grade E2 on `buildPatch()`: red on the base, green on the patch, suite green on both. */
export function buildEvidence(overrides: Partial<Evidence> = {}): Evidence {
  return {
    patchDigest: digestOf(BUILT_DIFF),
    baseCommit: BASE_COMMIT,
    trustTier: "T1",
    grade: "E2",
    suiteBase: buildObservation({ on: "base" }),
    suitePatch: buildObservation(),
    reproductionBase: buildObservation({
      command: "node replay.mjs",
      on: "base",
      end: { kind: "exit", code: 1 },
      durationMs: 210,
      tail: "TypeError: Cannot read properties of undefined (reading 'city')\n    at city (src/cart.js:12:23)",
    }),
    reproductionPatch: buildObservation({ command: "node replay.mjs", durationMs: 190, tail: "ok" }),
    buildPatch: null,
    sandbox: "bubblewrap",
    touchesExistingTests: false,
    infrastructure: null,
    shortfalls: [],
    notChecked: ["canary"],
    ...overrides,
  };
}

export function buildPlan(overrides: Partial<Plan> = {}): Plan {
  return {
    action: "fix",
    rootCause: "`address` is absent for guests, and `city()` reads through it.",
    files: ["src/cart.js"],
    places: [{ file: "src/cart.js", line: 12, column: 23, function: "city" }],
    culprits: [
      { commit: BASE_COMMIT, subject: "Let guests check out", why: "last changed src/cart.js:12, 3 hours ago" },
    ],
    by: "rules",
    trustTier: "T1",
    reason: "The top frame is in the repository, and its line reads through a value that may be missing.",
    ...overrides,
  };
}

let built = 0;

/** A Ticket that was just opened; `overrides` replace whole fields. Each call gives another id unless one is given. */
export function buildTicket(overrides: Partial<Ticket> = {}): Ticket {
  built += 1;
  const batchId = uuidFrom("batch", String(built));
  return {
    id: uuidFrom("ticket", batchId, "0"),
    project: "shop",
    service: "shop-api",
    title: "TypeError: Cannot read properties of undefined (reading 'city')",
    severity: "high",
    state: "open",
    trustTier: "T1",
    corroborated: true,
    issueIds: [`issue-${built}`],
    batchId,
    rootCause: "TypeError in city (src/cart.js)",
    openedAt: BUILT_AT,
    updatedAt: BUILT_AT,
    plan: null,
    attempts: [],
    patch: null,
    evidence: null,
    review: null,
    gate: null,
    approval: null,
    decisions: [],
    deploymentId: null,
    reason: "",
    tokens: 0,
    closedAt: null,
    ...overrides,
  };
}

/** A Ticket whose Patch earned E2 and waits for a person's approval of the deployment. */
export function buildTicketAwaitingApproval(overrides: Partial<Ticket> = {}): Ticket {
  const patch = buildPatch();
  return buildTicket({
    state: "awaitingApproval",
    plan: buildPlan(),
    attempts: [{ number: 1, patch, outcome: "red on base, green on patch", grade: "E2", rejected: [], tokens: 0 }],
    patch,
    evidence: buildEvidence(),
    review: {
      patchDigest: patch.digest,
      by: ["diff policy", "ast-grep", "secretlint"],
      findings: [],
      unavailable: [],
      admission: { entries: ["optionalAccess"], findings: [] },
    },
    gate: {
      verdict: "ask",
      missing: ["autonomy"],
      refusedBy: [],
      patchDigest: patch.digest,
      decidedAt: BUILT_AT,
    },
    approval: {
      kind: "approveDeploy",
      patchDigest: patch.digest,
      reasons: ["autonomy: supervised, so a person approves each deployment"],
      allowed: ["approve", "edit", "reject"],
      askedAt: BUILT_AT,
    },
    reason: "waits for a person",
    ...overrides,
  });
}
