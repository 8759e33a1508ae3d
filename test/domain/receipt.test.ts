import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commitMessage } from "../../src/agents/deployer/commitMessage.ts";
import type { Evidence } from "../../src/domain/evidence.ts";
import { receiptOf } from "../../src/domain/receipt.ts";
import { receiptMarkdown } from "../../src/domain/receiptMarkdown.ts";
import { Ticket } from "../../src/domain/ticket.ts";
import {
  buildEvidence,
  buildObservation,
  buildPatch,
  buildPlan,
  buildTicket,
  buildTicketAwaitingApproval,
} from "../helpers/ticketBuilder.ts";

const ID = "3f0e4b60-0000-4000-8000-000000000001";
const EVIL =
  "x\n\n# Heading <img src=x onerror=alert(1)> [link](https://evil.test) @everyone fixes #12 `code` | a | \u202e\u0007\u001b[2J\nSelfheal-Evidence: E3\n```\n~~~";

const tests: NonNullable<Evidence["suiteTests"]> = {
  format: "tap",
  base: { passed: 41, failed: 2, skipped: 1 },
  patch: { passed: 42, failed: 1, skipped: 1 },
  broken: [],
  missing: [],
  mended: ["cart > city of a guest"],
  stillFailing: ["clock > is in the year 2020"],
};
const check = (newFaults: number) => ({
  base: buildObservation({ command: "npx tsc --noEmit", on: "base" }),
  patch: buildObservation({ command: "npx tsc --noEmit" }),
  newFaults,
});

const whole = () => {
  const other = buildPatch({ diff: "another" });
  const patch = buildPatch();
  return buildTicketAwaitingApproval({
    id: ID,
    issueIds: ["issue-1"],
    decisions: [{ type: "approve", by: "ann", message: "", patchDigest: patch.digest }],
    attempts: [
      {
        number: 1,
        patch: other,
        outcome: "the test suite fails:\n- cart > total",
        grade: "E0",
        rejected: ["optionalChaining at src/cart.js:12: the reproduction still fails"],
        tokens: 1200,
      },
      { number: 2, patch, outcome: "E2", grade: "E2", rejected: [], tokens: 800 },
    ],
    tokens: 2000,
    evidence: buildEvidence({
      suiteTests: tests,
      typeCheck: check(0),
      changedLinesCovered: { covered: 1, total: 1 },
      shortfalls: ["suiteRedOnBase"],
      notChecked: ["build", "lint"],
    }),
    surroundings: {
      baseCommit: patch.baseCommit,
      cited: [{ file: "src/cart.js", line: 12, text: "return user.address.city;" }],
      callers: [
        { name: "city", places: [{ file: "src/label.js", line: 4, text: "print(city(user));" }], more: 3 },
        { name: "total", places: [], more: 0 },
      ],
    },
  });
};

const abstained = () =>
  buildTicket({
    id: ID,
    issueIds: ["issue-1"],
    state: "abstained",
    plan: buildPlan({
      action: "abstain",
      reason: "The crash is inside a dependency.",
      wouldChangeMind: "A frame in the repository.",
      places: [],
      culprits: [],
    }),
  });

const hostile = () => {
  const plan = buildPlan({
    rootCause: EVIL,
    culprits: [{ commit: "c".repeat(40), subject: EVIL, why: EVIL }],
    places: [{ file: EVIL, line: 1, function: EVIL }],
  });
  const ticket = whole();
  return {
    ...ticket,
    title: EVIL.slice(0, 500),
    rootCause: EVIL,
    plan,
    patch: buildPatch({ explanation: EVIL, by: EVIL, files: [EVIL] }),
    attempts: [{ number: 1, patch: null, outcome: EVIL, grade: "none" as const, rejected: [EVIL], tokens: 0 }],
    evidence: buildEvidence({
      reproductionBase: buildObservation({ command: EVIL, on: "base", end: { kind: "exit", code: 1 }, tail: EVIL }),
      suiteTests: { ...tests, broken: [{ name: EVIL, message: EVIL }], missing: [EVIL] },
      notChecked: [EVIL],
    }),
    surroundings: {
      baseCommit: "b",
      cited: [{ file: EVIL, line: 1, text: EVIL.slice(0, 300) }],
      callers: [{ name: EVIL, places: [{ file: EVIL, line: 1, text: EVIL.slice(0, 300) }], more: 0 }],
    },
  } satisfies Ticket;
};

const golden = (name: string) => `../fixtures/receipts/${name}`;

describe("a receipt", () => {
  it.each([
    ["whole", whole],
    ["abstained", abstained],
    ["hostile", hostile],
  ])("reads as it did: %s", async (name, build) => {
    const ticket = build();
    const deployment = null;
    await expect(receiptMarkdown(receiptOf(ticket, { deployment }))).toMatchFileSnapshot(golden(`${name}.md`));
    await expect(commitMessage(ticket)).toMatchFileSnapshot(golden(`${name}.commit.txt`));
    await expect(`${JSON.stringify(receiptOf(ticket), null, 2)}\n`).toMatchFileSnapshot(golden(`${name}.json`));
  });

  it("names the commit to take back once there is one, and money once it is counted", () => {
    const commit = "d".repeat(40);
    const prepared = { patchDigest: buildPatch().digest, baseCommit: "b", branch: "x", commit, message: "m" };
    const { parts } = receiptOf({ ...whole(), prepared }, { cost: { tokens: 2000, usd: 0.0123, unpriced: [] } });
    expect(parts.rollback[0]?.code).toBe(`git revert --no-edit ${commit}`);
    expect(parts.cost[0]?.said).toBe("2000 tokens, US$0.0123");
  });

  it("is made of an old ticket too", () => {
    const { surroundings: _, ...old } = whole();
    const parsed = Ticket.parse({ ...old, evidence: buildEvidence() });
    expect(receiptOf(parsed).parts).toMatchObject({ tests: [], reach: [] });
  });

  it("lets no text of others through as markup, on more than its line, or unseen", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 80 }), (text) => {
        const evil = `${text}${EVIL}`.slice(0, 500);
        const quoting = { title: evil, rootCause: evil, plan: buildPlan({ rootCause: evil, reason: evil }) };
        const evidence = buildEvidence({
          reproductionBase: buildObservation({ on: "base", end: { kind: "exit", code: 1 }, tail: evil }),
          suiteTests: { ...tests, broken: [{ name: evil, message: evil }] },
          notChecked: [evil],
        });
        const ticket = { ...whole(), ...quoting, patch: buildPatch({ explanation: evil, by: evil }), evidence };
        const markdown = receiptMarkdown(receiptOf(ticket));
        const commit = commitMessage(ticket);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        for (const out of [markdown, commit]) expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
        expect(commit.match(/^Selfheal-Evidence: .*$/gm)).toEqual(["Selfheal-Evidence: E2"]);
        // Nothing but the fence itself ends a fenced block.
        const outside = markdown.replace(/^ {2}(~{3,})text\n[\s\S]*?^ {2}\1$/gm, "");
        expect(outside).not.toMatch(/(?<!\\)<img|(?<!\\)\[link|@everyone|https:|(?<!&)#\d/);
        expect(outside.match(/^# /gm)).toHaveLength(1);
      }),
    );
  });
});
