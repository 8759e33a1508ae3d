import fc from "fast-check";
import { expect, it } from "vitest";
import { parseReply } from "../../../src/graph/approval.ts";
import { ALLOWED } from "../../../src/graph/nodes/applyDecision.ts";
import { runApprovalHarness } from "./run.ts";

it("an answer by any way: what does not fit changes nothing, the first counts once, the next is told", async () => {
  const { violations, ...counts } = await runApprovalHarness("sample");
  console.log(`approval harness: ${JSON.stringify(counts)}; the whole matrix: npm run harness approval`);
  expect(violations).toEqual([]);
});

it("no JSON is a yes but one that says so", () => {
  const says = (value: unknown): boolean =>
    typeof value === "string"
      ? /approve|accept/.test(value)
      : typeof value === "object" && value !== null && Object.values(value).some(says);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const type = parseReply(JSON.stringify(value), ALLOWED.approveDeploy)?.type;
      expect(type === "approve" && !says(value)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});
