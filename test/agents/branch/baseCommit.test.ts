import { beforeAll, describe, expect, it } from "vitest";
import { baseCommitOf } from "../../../src/agents/branch/baseCommit.ts";
import { type ReleaseBench, releaseBench } from "../../helpers/releaseBench.ts";

let bench: ReleaseBench;
beforeAll(async () => {
  bench = await releaseBench();
  return () => bench.stores.close();
});

/** What the base is when `live` was deployed by selfheal last. */
async function baseWith(live: string | null): Promise<string | null> {
  const service = bench.service();
  const { journal } = bench.stores;
  if (live !== null) {
    const ids = { key: service.name, ticketId: "t", service: service.name, patchDigest: "p", branch: "b", auto: true };
    const grant = await journal.intend({ ...ids, commit: live, previousCommit: bench.base });
    if (grant.kind !== "granted") throw new Error(grant.kind);
    await journal.settle(grant.deployment.id, grant.deployment.fencingToken, "live", "");
  }
  return baseCommitOf({ workspaces: bench.deps(bench.world()).workspaces, journal }, service);
}

describe("currentBase", () => {
  it("is the live commit while it contains the head, the head once it contains the live commit, and neither otherwise", async () => {
    const { repo, base } = bench;
    expect(await baseWith(null)).toBe(base);
    expect(await baseWith(base)).toBe(base);

    repo.git("switch", "-q", "-c", "auto-fix/ticket-1");
    const fix = repo.commit("Fix");
    repo.git("switch", "-q", "main");
    expect(await baseWith(fix)).toBe(fix);

    const ahead = repo.commit("More work");
    expect(await baseWith(fix)).toBeNull();
    expect(await baseWith(base)).toBe(ahead);

    repo.git("merge", "-q", "--no-edit", "auto-fix/ticket-1");
    const merged = repo.git("rev-parse", "HEAD").trim();
    expect(await baseWith(fix)).toBe(merged);
    expect(await baseWith("f".repeat(40))).toBeNull();
  });
});
