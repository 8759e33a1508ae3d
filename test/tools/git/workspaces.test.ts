import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createWorkspaces } from "../../../src/tools/git/workspaces.ts";
import { type GitRepository, gitRepository, temporaryFolder } from "../../helpers/gitRepository.ts";
import { service } from "../../helpers/service.ts";

const FILES = {
  "src/cart.js": "export function total(cart) {\n  return cart.items.length;\n}\n",
  "src/ünï cödé.js": "export const x = 1;\n",
  "test/cart.test.js": "// a test\n",
};

const open = async (repo: GitRepository = gitRepository(FILES)) => {
  const dataDir = temporaryFolder("data");
  const workspaces = createWorkspaces({ dataDir, clock: { now: () => 1_700_000_000_000 } });
  const shop = service(repo.dir);
  const base = await workspaces.head(shop);
  const workspace = await workspaces.open(shop, "ticket-1", base);
  return { repo, workspaces, workspace, base, shop, dataDir };
};

/** Everything of a repository that a person would notice a change of. */
const stateOf = (repo: GitRepository) =>
  [
    repo.git("status", "--porcelain"),
    repo.git("for-each-ref"),
    readFileSync(join(repo.dir, ".git/HEAD"), "utf8"),
  ].join();

describe("workspaces", () => {
  it("writes, reads and diffs; the same change gives the same bytes", async () => {
    const { workspace } = await open();
    expect(await workspace.diff()).toBe("");
    await workspace.write("src/cart.js", FILES["src/cart.js"].replace("items.length", "items?.length ?? 0"));
    await workspace.write("src/new.js", "export {};\n");
    await workspace.write("src/empty.js", "");
    await workspace.write("src/ünï cödé.js", "export const x = 2;\n");
    const diff = await workspace.diff();
    expect(diff).toContain("+  return cart.items?.length ?? 0;");
    expect(diff).toContain("new file mode 100644");
    expect(diff).toContain("diff --git a/src/ünï cödé.js b/src/ünï cödé.js");

    await workspace.reset();
    expect(await workspace.diff()).toBe("");
    expect(existsSync(join(workspace.dir, "src/new.js"))).toBe(false);
    expect(await workspace.apply(diff)).toEqual({ kind: "applied" });
    expect(await workspace.diff()).toBe(diff);
    expect(readFileSync(join(workspace.dir, "src/cart.js"), "utf8")).toContain("?? 0");
    expect(await workspace.read("src/new.js")).toBe("export {};\n");
  });

  it("applies deletions and renames, and says why a diff does not fit", async () => {
    const { workspace } = await open();
    const gone =
      "diff --git a/test/cart.test.js b/test/cart.test.js\ndeleted file mode 100644\n--- a/test/cart.test.js\n+++ /dev/null\n@@ -1 +0,0 @@\n-// a test\n";
    expect(await workspace.apply(gone)).toEqual({ kind: "applied" });
    expect(existsSync(join(workspace.dir, "test/cart.test.js"))).toBe(false);
    await expect(workspace.read("test/cart.test.js")).rejects.toMatchObject({ code: "fileNotFound" });
    expect(await workspace.apply(gone)).toMatchObject({ kind: "conflict" });
    expect(await workspace.diff()).toContain("deleted file mode");
  });

  it.each([
    [
      "a symlink",
      "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n",
    ],
    ["a way out", "diff --git a/../x b/../x\nnew file mode 100644\n--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+x\n"],
    [
      "git's own",
      "diff --git a/.git/config b/.git/config\nnew file mode 100644\n--- /dev/null\n+++ b/.git/config\n@@ -0,0 +1 @@\n+x\n",
    ],
    [
      "a submodule",
      "diff --git a/s b/s\nnew file mode 160000\n--- /dev/null\n+++ b/s\n@@ -0,0 +1 @@\n+Subproject commit 1111111111111111111111111111111111111111\n",
    ],
  ])("refuses a diff with %s and stays as it was", async (_name, diff) => {
    const { workspace } = await open();
    await workspace.write("src/cart.js", "changed\n");
    const before = await workspace.diff();
    expect(await workspace.apply(diff)).toMatchObject({ kind: "conflict" });
    expect(await workspace.diff()).toBe(before);
  });

  it.each(["../x", "/etc/passwd", "src/../../x", ".git/config", "src/.GIT/x", "", "src//cart.js", "a\0b"])(
    "refuses the path %j",
    async (path) => {
      const { workspace } = await open();
      await expect(workspace.read(path)).rejects.toMatchObject({ code: "unsafePath" });
      await expect(workspace.write(path, "x")).rejects.toMatchObject({ code: "unsafePath" });
    },
  );

  it("is not harmed by what commands leave in the tree", async () => {
    const { workspace } = await open();
    await workspace.write("src/cart.js", "patched\n");
    const diff = await workspace.diff();
    const marker = join(temporaryFolder("marker"), "executed");

    const at = (path: string) => join(workspace.dir, path);
    rmSync(at(".git"));
    mkdirSync(at(".git"));
    writeFileSync(at(".git/config"), `[core]\n\trepositoryformatversion = 0\n\tfsmonitor = "touch ${marker}"\n`);
    writeFileSync(at(".gitattributes"), "* -diff filter=evil\n");
    mkdirSync(at("embedded"));
    writeFileSync(at("embedded/HEAD"), "ref: refs/heads/main\n");
    writeFileSync(at("embedded/config"), `[core]\n\tbare = true\n\tfsmonitor = "touch ${marker}"\n`);
    rmSync(at("test"), { recursive: true });
    symlinkSync("/etc", at("test"));
    writeFileSync(at("src/cart.js"), "backdoor\n");
    writeFileSync(at("leftover.js"), "left\n");
    mkdirSync(at("locked"));
    writeFileSync(at("locked/file"), "x");
    chmodSync(at("locked"), 0);

    expect(await workspace.diff()).toBe(diff);
    expect(await workspace.read("src/cart.js")).toBe("patched\n");
    await expect(workspace.read("test/cart.test.js")).rejects.toMatchObject({ code: "unsafePath" });
    await expect(workspace.write("test/passwd", "x")).rejects.toMatchObject({ code: "unsafePath" });
    expect(
      await workspace.apply(
        "diff --git a/test/cart.test.js b/test/cart.test.js\n--- a/test/cart.test.js\n+++ b/test/cart.test.js\n@@ -1 +1 @@\n-// a test\n+// another\n",
      ),
    ).toEqual({ kind: "applied" });
    expect(lstatSync(at("test")).isSymbolicLink()).toBe(false);
    const commit = await workspace.commit("Fix");
    await workspace.reset();
    expect(existsSync(marker)).toBe(false);
    expect(existsSync(at("leftover.js"))).toBe(false);
    expect(lstatSync(at(".git")).isFile()).toBe(true);
    expect(await workspace.read("test/cart.test.js")).toBe("// a test\n");
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
  });

  it("leaves the service's repository alone, and publishes one ref by compare-and-swap", async () => {
    const { repo, workspace, workspaces, base } = await open();
    repo.put({ "src/cart.js": "someone works here\n", "untracked.txt": "x" });
    const before = stateOf(repo);
    await workspace.write("src/cart.js", "patched\n");
    const commit = await workspace.commit("Fix the cart\n\nReceipt: x");
    expect(await workspace.commit("Fix the cart\n\nReceipt: x")).toBe(commit);
    expect(stateOf(repo)).toBe(before);

    await workspaces.publish(workspace, commit, "auto-fix/ticket-1");
    await workspaces.publish(workspace, commit, "auto-fix/ticket-1");
    const line = `${commit} commit\trefs/heads/auto-fix/ticket-1\n`;
    expect(stateOf(repo)).toContain(line);
    expect(stateOf(repo).replace(line, "")).toBe(before);
    expect(existsSync(join(repo.dir, ".git/FETCH_HEAD"))).toBe(false);
    expect(repo.git("log", "-1", "--format=%an <%ae>%n%B%P", "auto-fix/ticket-1")).toBe(
      `selfheal <selfheal@localhost>\nFix the cart\n\nReceipt: x\n${base}\n`,
    );

    const other = await workspaces.open(workspace.service, "ticket-2", base);
    await other.write("src/cart.js", "other\n");
    const second = await other.commit("Other");
    await expect(workspaces.publish(other, second, "auto-fix/ticket-1")).rejects.toMatchObject({ code: "conflict" });
    await expect(workspaces.publish(other, second, "auto-fix")).rejects.toMatchObject({ code: "conflict" });
    await expect(workspaces.publish(other, second, "bad..name")).rejects.toMatchObject({ code: "repository" });
  });

  it("opens a repository that tracks a link as node_modules, and follows no link out of the tree", async () => {
    const outside = temporaryFolder("outside");
    mkdirSync(join(outside, "node_modules/left"), { recursive: true });
    const repo = gitRepository({ "sub/a.js": "a();\n", "src/cart.js": "b();\n" });
    symlinkSync("../elsewhere", join(repo.dir, "sub/node_modules"));
    symlinkSync(outside, join(repo.dir, "linked"));
    repo.put({ "elsewhere/right/index.js": "r();\n" });
    repo.git("add", "-A");
    repo.git("commit", "-qm", "links");
    const dataDir = temporaryFolder("data");
    const workspaces = createWorkspaces({ dataDir, clock: { now: () => 1_700_000_000_000 } });
    const shop = service(repo.dir);
    const workspace = await workspaces.open(shop, "ticket-9", await workspaces.head(shop));
    expect(lstatSync(join(workspace.dir, "sub/node_modules")).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(outside, "node_modules"))).toEqual(["left"]);
  });

  it("runs no hook of the service's repository", async () => {
    const { repo, workspace, workspaces } = await open();
    const marker = join(temporaryFolder("marker"), "hooked");
    for (const hook of ["reference-transaction", "pre-receive", "post-update", "post-checkout", "pre-auto-gc"]) {
      repo.put({ [`.git/hooks/${hook}`]: `#!/bin/sh\ntouch ${marker}\n` });
      chmodSync(join(repo.dir, ".git/hooks", hook), 0o755);
    }
    repo.git("-c", "core.hooksPath=/dev/null", "config", "core.fsmonitor", `touch ${marker}`);
    await workspace.write("src/cart.js", "patched\n");
    await workspaces.publish(workspace, await workspace.commit("Fix"), "auto-fix/ticket-1");
    await workspaces.head(workspace.service);
    expect(existsSync(marker)).toBe(false);
  });

  it("follows the branch, names the branches when it is missing, and knows HEAD", async () => {
    const { repo, workspaces, shop, base } = await open();
    repo.put({ "src/cart.js": "next\n" });
    const next = repo.commit("Next");
    expect(await workspaces.head(shop)).toBe(next);
    expect(await workspaces.contains(shop, next, base)).toBe(true);
    expect(await workspaces.contains(shop, base, next)).toBe(false);
    expect(await workspaces.contains(shop, "--output=/tmp/x", base)).toBe(false);
    await expect(workspaces.head({ ...shop, branch: "master" })).rejects.toMatchObject({
      code: "repository",
      message: expect.stringContaining("it has: main"),
    });
    repo.git("checkout", "-q", "--detach", base);
    expect(await workspaces.head({ ...shop, branch: "HEAD" })).toBe(base);
    expect(await workspaces.head({ ...shop, branch: next })).toBe(next);
  });

  it("says so when there is no repository, and when it has no commit", async () => {
    const { workspaces } = await open();
    await expect(workspaces.head(service("/nonexistent/repo"))).rejects.toMatchObject({ code: "repository" });
    const empty = gitRepository({});
    empty.git("update-ref", "-d", "refs/heads/main");
    await expect(workspaces.head(service(empty.dir))).rejects.toMatchObject({ code: "repository" });
  });

  it("tells history and blame at the base", async () => {
    const repo = gitRepository(FILES);
    repo.put({ "src/cart.js": FILES["src/cart.js"].replace("items", "things") });
    const second = repo.commit("Rename items");
    const { workspace } = await open(repo);
    expect((await workspace.log({})).map((c) => c.subject)).toEqual(["Rename items", "First"]);
    expect(await workspace.log({ paths: ["test/cart.test.js"], limit: 5 })).toHaveLength(1);
    expect(await workspace.log({ sinceMs: Date.UTC(2090, 0) })).toEqual([]);
    expect(await workspace.blame("src/cart.js", 2)).toMatchObject({
      commit: second,
      author: "Dev",
      subject: "Rename items",
    });
    expect(await workspace.blame("src/cart.js", 99)).toBeNull();
    expect(await workspace.blame("src/absent.js", 1)).toBeNull();
  });

  it("opens again after a restart, clean, and on another base", async () => {
    const { repo, workspace, shop, dataDir, base } = await open();
    await workspace.write("src/cart.js", "half a patch\n");
    const again = createWorkspaces({ dataDir, clock: { now: () => 0 } });
    expect(await (await again.open(shop, "ticket-1", base)).diff()).toBe("");
    repo.put({ "src/cart.js": "next\n" });
    const next = await again.open(shop, "ticket-1", repo.commit("Next"));
    expect(await next.read("src/cart.js")).toBe("next\n");
  });

  it("forgets a tree, which is made anew when it is wanted, and the commits of one ticket alone", async () => {
    const { workspaces, workspace, shop, base, dataDir } = await open();
    const { leftovers } = workspaces;
    const commits = new Map<string, string>();
    for (const id of ["ticket-1", "ticket-2"]) {
      const tree = await workspaces.open(shop, id, base);
      await tree.write("src/cart.js", `// ${id}\n`);
      commits.set(id, await tree.commit(`Fix for ${id}`));
    }
    const [clone = ""] = readdirSync(join(dataDir, "repos"));
    expect([(await leftovers.trees()).sort(), (await leftovers.commits()).sort()]).toEqual([
      ["ticket-1", "ticket-2"],
      ["ticket-1", "ticket-2"],
    ]);

    await leftovers.removeTree("ticket-1");
    expect(existsSync(workspace.dir)).toBe(false);
    expect(readdirSync(join(dataDir, "repos", clone, "worktrees"))).toEqual(["ticket-2"]);
    expect(await leftovers.trees()).toEqual(["ticket-2"]);
    const again = await workspaces.open(shop, "ticket-1", base);
    expect(await again.read("src/cart.js")).toBe(FILES["src/cart.js"]);
    await again.write("src/cart.js", "// ticket-1\n");
    expect(await again.commit("Fix for ticket-1")).toBe(commits.get("ticket-1"));

    await leftovers.forgetCommits(new Set(["ticket-1", "ticket-3"]));
    expect(await leftovers.commits()).toEqual(["ticket-2"]);
    expect(await workspaces.contains(shop, commits.get("ticket-2") ?? "", base)).toBe(true);
  });

  it("does not overwrite a file that is not text", async () => {
    const repo = gitRepository(FILES);
    writeFileSync(join(repo.dir, "latin1.txt"), Buffer.from([0xe9, 0x0a]));
    repo.commit("Latin");
    const { workspace } = await open(repo);
    await expect(workspace.read("latin1.txt")).rejects.toMatchObject({ code: "notText" });
    await expect(workspace.write("latin1.txt", "x")).rejects.toMatchObject({ code: "notText" });
  });
});
