import { expect, it, onTestFinished } from "vitest";
import { userPrompt } from "../../src/agents/coder/prompt.ts";
import { createQuoter } from "../../src/agents/prompting/untrustedText.ts";
import { createRecall, withMemory } from "../../src/autonomy/memory.ts";
import type { Plan } from "../../src/domain/plan.ts";
import { fingerprint } from "../../src/ingest/grouping/fingerprint.ts";
import { type EmbeddedStores, openEmbeddedStores } from "../../src/store/embedded.ts";
import { buildEvent } from "../helpers/eventBuilder.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { testClock } from "../helpers/testClock.ts";
import { BUILT_DIFF, buildPatch, buildTicket } from "../helpers/ticketBuilder.ts";

async function bench() {
  const clock = testClock();
  const stores = await openEmbeddedStores(tempFolder(), clock);
  onTestFinished(() => stores.close());
  const recorded: string[] = [];
  const remember = withMemory({ ...stores, clock }, async (_ticket, { outcome }) => void recorded.push(outcome));
  return { stores, recorded, remember, recall: createRecall(stores), clock };
}

/** A ticket over an Issue of one Event, with a patch. */
async function ticketOn(stores: EmbeddedStores, more: Parameters<typeof buildTicket>[0] = {}) {
  const event = buildEvent();
  const { issue } = await stores.issues.digest(event, fingerprint(event));
  const digest = await stores.blobs.put(BUILT_DIFF);
  const patch = { ...buildPatch(), digest, by: "rules:optionalChaining" };
  return stores.tickets.open(buildTicket({ issueIds: [issue.id], patch, reason: "no recurrence in 30 min", ...more }));
}

it("what held is an example for the next ticket like it; what a person turned down is a warning, in their words", async () => {
  const { stores, recorded, remember, recall, clock } = await bench();
  const ticket = await ticketOn(stores);
  const patchDigest = ticket.patch?.digest ?? "";
  await remember(ticket, { outcome: "held", patchDigest });
  await remember(ticket, { outcome: "held", patchDigest });
  const decision = {
    type: "reject",
    by: "ada",
    at: 1,
    patchDigest,
    message: "the caller must send an address",
  } as const;
  await stores.tickets.update(ticket.id, () => ({ decisions: [decision] }));
  clock.advance(1000);
  await remember(ticket, { outcome: "rejected", patchDigest, by: "ada" });
  expect(recorded).toEqual(["held", "held", "rejected"]);

  const found = await recall({ ...ticket, id: "00000000-0000-4000-8000-00000000000f" });
  expect(found.map(({ kind, similarity, lesson }) => [kind, similarity, lesson.by, lesson.note])).toEqual([
    ["warning", 100, "rules:optionalChaining", "the caller must send an address"],
    ["example", 100, "rules:optionalChaining", "no recurrence in 30 min"],
  ]);
  expect(found[0]?.lesson.diff).toBe(BUILT_DIFF);

  const plan: Plan = { action: "fix", rootCause: "r", files: [], places: [], culprits: [], by: "rules", reason: "" };
  const asked = { plan, attempt: 1, feedback: "", guidance: "", recollections: found };
  const texts = { exception: "e", excerpts: "", editable: [], reproduction: "", failed: [] };
  const prompt = userPrompt(asked, texts, createQuoter("c0ffee"));
  expect(prompt).toContain("turned down by a person");
  expect(prompt).toContain("the caller must send an address");
});

it("a person's edit is what is learned, under their name", async () => {
  const { stores, remember, recall } = await bench();
  const ticket = await ticketOn(stores);
  const edited = BUILT_DIFF.replace("?.", "?? {}).");
  const editedDigest = await stores.blobs.put(edited);
  await remember(ticket, { outcome: "edited", patchDigest: ticket.patch?.digest ?? "", editedDigest, by: "ada" });
  expect(await recall(ticket)).toMatchObject([{ kind: "example", lesson: { by: "person:ada", diff: edited } }]);
});

it("nothing is learned where all Events may be anybody's, and nothing is recalled that was forgotten", async () => {
  const { stores, recorded, remember, recall } = await bench();
  const planted = await ticketOn(stores, { trustTier: "T0", corroborated: false });
  await remember(planted, { outcome: "held", patchDigest: planted.patch?.digest ?? "" });
  expect(recorded).toEqual(["held"]);
  expect(await stores.lessons.list()).toEqual([]);
  await remember({ ...planted, corroborated: true }, { outcome: "held", patchDigest: planted.patch?.digest ?? "" });
  const [learned] = await stores.lessons.list();
  await stores.lessons.forget(learned?.id ?? "");
  expect(await recall(planted)).toEqual([]);
});
