/**
 * Makes the shop a git repository with a past: the modules arrive one after the other, and the last commits change some of them for the worse.
 * The present is examples/shop itself; examples/shop/history.json says how to walk back from it.
 *
 *     node examples/history.mjs TARGET_FOLDER
 */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const SHOP = fileURLToPath(new URL("./shop/", import.meta.url));
const HOUR_MS = 3_600_000;
const run = promisify(execFile);

/**
 * Writes the repository into `targetDir` (made when absent; must be empty) on the branch `main`.
 * The same `now` (milliseconds since the epoch) gives the same commit ids. Resolves with all commits, oldest first.
 */
export async function makeRepository(targetDir, { now = Date.now() } = {}) {
  const { commits: steps, leaveOut } = JSON.parse(await readFile(join(SHOP, "history.json"), "utf8"));
  const present = await readTree(SHOP, leaveOut);
  await mkdir(targetDir, { recursive: true });
  if ((await readdir(targetDir)).length > 0) throw new Error(`${targetDir} is not empty`);
  await git(targetDir, ["init", "--quiet", "--initial-branch=main"]);
  const commits = [];
  for (const [index, step] of steps.entries()) {
    await writeTree(targetDir, treeAt(present, steps, index));
    commits.push(await commit(targetDir, step, now));
  }
  return { head: commits.at(-1).commit, commits };
}

/** The files as they were after the step at `index`, as a map of path → content. */
function treeAt(present, steps, index) {
  const names = new Set(steps.slice(0, index + 1).flatMap((step) => namesOf(step, present)));
  const unnamed = [...present.keys()].filter((path) => !steps.some((step) => namesOf(step, present).includes(path)));
  if (unnamed.length > 0) throw new Error(`history.json does not say when these came: ${unnamed.join(", ")}`);
  const tree = new Map([...present].filter(([path]) => names.has(path)));
  for (const change of steps.slice(index + 1).flatMap((step) => step.changes ?? [])) {
    if (tree.has(change.file)) tree.set(change.file, undo(tree.get(change.file), change));
  }
  tree.set("src/app.js", withoutAbsent(tree.get("src/app.js"), names));
  return tree;
}

/** The files that a step brings: a module is src/NAME.js, with its test where it has one. */
function namesOf({ modules = [], files = [] }, present) {
  const ofModules = modules.flatMap((name) => [`src/${name}.js`, `test/${name}.test.js`]);
  return [...ofModules.filter((path) => present.has(path)), ...files];
}

function undo(content, { file, before, after }) {
  const parts = content.split(after);
  if (parts.length !== 2) throw new Error(`${file} holds this ${parts.length - 1} times: ${after}`);
  return parts.join(before);
}

/** The app without the lines about modules that are not there yet. */
function withoutAbsent(app, names) {
  const absent = [...app.matchAll(/^import \{ (\w+) \} from "\.\/(\w+\.js)";$/gm)]
    .filter(([, , file]) => !names.has(`src/${file}`))
    .map(([, imported]) => imported);
  return app
    .split("\n")
    .filter((line) => !absent.some((imported) => line.includes(imported)))
    .join("\n");
}

async function readTree(root, leaveOut) {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const tree = new Map();
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const path = relative(root, file).split(sep).join("/");
    if (!leaveOut.includes(path)) tree.set(path, await readFile(file, "utf8"));
  }
  return tree;
}

async function writeTree(root, tree) {
  for (const [path, content] of tree) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

async function commit(dir, { subject, author, hoursAgo }, now) {
  const date = `@${Math.floor((now - hoursAgo * HOUR_MS) / 1000)} +0000`;
  const [, name, email] = /^(.+) <(.+)>$/.exec(author);
  await git(dir, ["add", "--all"]);
  await git(dir, ["commit", "--quiet", "--no-gpg-sign", "--message", subject], {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  });
  return { commit: (await git(dir, ["rev-parse", "HEAD"])).trim(), subject };
}

/** Plain git, blind to the machine's own settings. */
async function git(cwd, args, env = {}) {
  const { stdout } = await run("git", args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", ...env },
  });
  return stdout;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const target = process.argv[2];
  if (target === undefined) {
    console.error("usage: node examples/history.mjs TARGET_FOLDER");
    process.exit(2);
  }
  console.log(JSON.stringify(await makeRepository(target), null, 2));
}
