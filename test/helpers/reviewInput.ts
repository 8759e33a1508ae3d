import type { ReviewInput } from "../../src/agents/securityReviewer/contract.ts";
import type { Evidence } from "../../src/domain/evidence.ts";
import { digestOf } from "../../src/domain/patch.ts";

export const REVIEWED_DIFF = `diff --git a/src/a.js b/src/a.js
--- a/src/a.js
+++ b/src/a.js
@@ -1,1 +1,1 @@
-return x.y;
+return x?.y;
`;

/** E2 Evidence about a diff, with nothing run for it. */
function bareEvidence(diff: string): Evidence {
  return {
    patchDigest: digestOf(diff),
    baseCommit: "b".repeat(40),
    grade: "E2",
    suiteBase: null,
    suitePatch: null,
    reproductionBase: null,
    reproductionPatch: null,
    buildPatch: null,
    sandbox: "bubblewrap",
    touchesExistingTests: false,
    infrastructure: null,
    shortfalls: [],
    notChecked: [],
  };
}

/** A small harmless diff to review. */
export function reviewInput(diff = REVIEWED_DIFF): ReviewInput {
  return {
    diff,
    before: new Map([["src/a.js", "return x.y;\n"]]),
    after: new Map([["src/a.js", "return x?.y;\n"]]),
    evidence: bareEvidence(diff),
    signal: new AbortController().signal,
  };
}
