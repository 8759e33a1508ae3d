import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { ReviewInput } from "../../../src/agents/securityReviewer/contract.ts";
import { createSecurityReviewer } from "../../../src/agents/securityReviewer/node.ts";
import { RunState } from "../../../src/domain/runState.ts";
import { openEmbeddedStores } from "../../../src/store/embedded.ts";
import { createWorkspaces } from "../../../src/tools/git/workspaces.ts";
import { gitRepository, temporaryFolder } from "../../helpers/gitRepository.ts";
import { service } from "../../helpers/service.ts";
import { testClock } from "../../helpers/testClock.ts";
import { buildEvidence, buildPatch, buildTicket } from "../../helpers/ticketBuilder.ts";

const BINARY = Buffer.from([0x89, 0x50, 0, 0xff]);

/** Reviews what `change` does to a repository, with a brain that only looks. */
async function review(change: Record<string, string | Buffer | null>, baseDiff?: string) {
  const repo = gitRepository({ "src/a.js": "a();\n", "src/old.js": "old();\n" });
  const base = repo.git("rev-parse", "HEAD").trim();
  for (const [path, text] of Object.entries(change)) {
    if (text === null) repo.git("rm", "-q", path);
    else writeFileSync(join(repo.dir, path), text);
  }
  repo.git("add", "-A");
  const diff = baseDiff ?? repo.git("diff", "--cached", "--full-index", "--binary");
  const clock = testClock();
  const dataDir = temporaryFolder("review");
  const stores = await openEmbeddedStores(dataDir, clock);
  const shop = service(repo.dir);
  const patch = { ...buildPatch({ diff, baseCommit: base }), files: Object.keys(change).sort() };
  await stores.blobs.put(diff);
  const evidence = buildEvidence({ patchDigest: patch.digest });
  const { id } = await stores.tickets.open(buildTicket({ service: shop.name, patch, evidence }));
  const seen: ReviewInput[] = [];
  const node = createSecurityReviewer({
    ...stores,
    clock,
    workspaces: createWorkspaces({ dataDir, clock }),
    services: new Map([[shop.name, shop]]),
    policyOf: async () => ({}) as never,
    reviewDiff: () => [],
    brain: {
      name: "onlooker",
      review: async (input) => {
        seen.push(input);
        return { findings: [], unavailable: [], tokens: 0 };
      },
    },
  });
  try {
    await node(RunState.parse({ ticketId: id, baseCommit: base }), new AbortController().signal);
    return { input: seen[0], review: (await stores.tickets.get(id))?.review };
  } finally {
    await stores.close();
  }
}

it("shows both sides of every file: what is new was nothing before, what is gone is nothing after", async () => {
  const { input, review: kept } = await review({ "src/a.js": "b();\n", "src/new.js": "n();\n", "src/old.js": null });
  expect(Object.fromEntries(input?.before ?? [])).toEqual({
    "src/a.js": "a();\n",
    "src/new.js": "",
    "src/old.js": "old();\n",
  });
  expect(Object.fromEntries(input?.after ?? [])).toEqual({
    "src/a.js": "b();\n",
    "src/new.js": "n();\n",
    "src/old.js": "",
  });
  expect(kept).toMatchObject({ findings: [], unavailable: [] });
});

it("a file that nobody can read is not reviewed, and says so", async () => {
  const { input, review: kept } = await review({ "src/a.js": BINARY });
  expect(input?.after.get("src/a.js")).toBe("");
  expect(kept?.unavailable).toEqual(["unreadable:src/a.js"]);
});

it("a patch that does not apply is a fault, never a clean review", async () => {
  const diff = "diff --git a/src/a.js b/src/a.js\n--- a/src/a.js\n+++ b/src/a.js\n@@ -1 +1 @@\n-z();\n+b();\n";
  await expect(review({ "src/a.js": "b();\n" }, diff)).rejects.toMatchObject({ code: "conflict" });
});
