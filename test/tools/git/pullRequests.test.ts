import { describe, expect, it } from "vitest";
import { createWorkspaces } from "../../../src/tools/git/workspaces.ts";
import { gitRepository, temporaryFolder } from "../../helpers/gitRepository.ts";
import { service } from "../../helpers/service.ts";

/** A repository of ours, and the forge's, which keeps the heads of pull requests. */
function bench() {
  const own = gitRepository({ "a.js": "one\n" });
  const forge = gitRepository({ "a.js": "one\n" });
  const pull = (ref: string, text: string) => {
    forge.git("checkout", "-q", "--detach", "main");
    forge.put({ "a.js": text });
    const commit = forge.commit(`Change ${ref}`);
    forge.git("update-ref", ref, commit);
    forge.git("checkout", "-q", "main");
    return commit;
  };
  const history = createWorkspaces({ dataDir: temporaryFolder("data"), clock: { now: () => Date.now() } });
  return { own, forge, pull, history };
}

describe("pull requests", () => {
  it("count like branches, from the forge that keeps them, the newest by their number", async () => {
    const { own, forge, pull, history } = bench();
    const first = pull("refs/pull/7/head", "two\n");
    const second = pull("refs/merge-requests/12/head", "three\n");
    const of = service(own.dir, { pullRequestsFrom: forge.dir });
    const found = (await history.branches(of)).filter(({ name }) => name.startsWith("pull/"));
    expect(new Map(found.map(({ name, commit }) => [name, commit]))).toEqual(
      new Map([
        ["pull/7", first],
        ["pull/12", second],
      ]),
    );
    expect(await history.branches(service(own.dir))).toMatchObject([{ name: "main" }]);

    forge.git("update-ref", "-d", "refs/pull/7/head");
    const later = await history.branches(of);
    expect(later.map(({ name }) => name)).toEqual(["main", "pull/12"]);
  });

  it("of a forge that cannot be reached are none, and hold nothing up", async () => {
    const { own, history } = bench();
    const found = await history.branches(service(own.dir, { pullRequestsFrom: "/nowhere/at/all.git" }));
    expect(found.map(({ name }) => name)).toEqual(["main"]);
  });
});
