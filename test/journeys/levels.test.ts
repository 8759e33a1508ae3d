import { describe, expect, it } from "vitest";
import { type TestSystem, testSystem, tinyCrash } from "../helpers/system.ts";

const branches = (t: TestSystem) =>
  t.tiny
    .git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads/auto-fix")
    .split("\n")
    .filter(Boolean);

const yesTo = (patchDigest: string) => ({ type: "approve", by: "ada", message: "", patchDigest }) as const;

describe("supervised", () => {
  it("puts the Patch on a branch, asks, and deploys that very commit once a person said yes", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const id = await t.crash(tinyCrash());
    const asked = await t.ticket(id);
    const { prepared } = asked;
    expect(asked).toMatchObject({ state: "awaitingApproval", approval: { branch: `auto-fix/ticket-${id}` } });
    expect(branches(t)).toEqual([`auto-fix/ticket-${id} ${prepared?.commit}`]);
    expect(t.tiny.deploys()).toEqual([]);
    expect((await t.audit(id)).slice(-3)).toEqual(["gate.decided", "patch.published", "approval.asked"]);
    const [told] = await t.system.stores.outbox.due("log", 1);
    expect(told?.message.text).toContain(`It is on branch auto-fix/ticket-${id}.`);
    const digest = asked.patch?.digest ?? "";
    expect(await t.answer(id, yesTo(digest))).toMatchObject({ state: "soaking", patch: { digest } });
    expect(t.tiny.live()).toBe(prepared?.commit);
    expect(branches(t)).toHaveLength(1);
    await t.ring(1500);
    expect(await t.ticket(id)).toMatchObject({ state: "healed" });
  });

  it("an edited Patch is another commit, on a branch with its digest; a no leaves both where they are", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const id = await t.crash(tinyCrash());
    const first = await t.ticket(id);
    const whole = (await t.system.stores.blobs.get(first.patch?.digest ?? "")) ?? "";
    const diff = whole.replace("user.profile?.name;", 'user.profile?.name ?? "guest";');
    const asked = await t.answer(id, { type: "edit", by: "ada", message: "", diff });
    const branch = `auto-fix/ticket-${id}-${asked.patch?.digest.slice(0, 8)}`;
    expect(asked).toMatchObject({ state: "awaitingApproval", approval: { branch }, prepared: { branch } });
    expect(branches(t)).toEqual([
      `auto-fix/ticket-${id} ${first.prepared?.commit}`,
      `${branch} ${asked.prepared?.commit}`,
    ]);
    const after = await t.answer(id, { type: "reject", by: "ada", message: "no" });
    expect(after).toMatchObject({ state: "rejected", prepared: { branch } });
    expect(branches(t)).toHaveLength(2);
  });

  it("cut off between the branch and the question, it is published and said once", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const { audit } = t.system.stores;
    const append = audit.append;
    let cuts = 1;
    audit.append = async (entry) => {
      if (entry.kind === "approval.asked" && cuts-- > 0) throw new Error("cut off");
      return append(entry);
    };
    const id = await t.crash(tinyCrash());
    expect(await t.ticket(id)).toMatchObject({ state: "awaitingApproval" });
    expect(branches(t)).toHaveLength(1);
    expect((await t.audit(id)).filter((kind) => kind === "patch.published")).toHaveLength(1);
  });
});
