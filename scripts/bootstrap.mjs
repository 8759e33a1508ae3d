// Makes `npm test`, `npm run demo` and `./bin/selfheal` one command on a fresh clone: installs the locked dependencies when
// they are missing or older than the lock file. Plain Node, because nothing is installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`selfheal needs Node 20.19 or newer; this is ${process.version}. See https://nodejs.org/`);
  process.exit(1);
}
/** A path of the clone, wherever the command is called from. */
const inClone = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const stamp = inClone("node_modules/.package-lock.json");
const fresh = existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(inClone("package-lock.json")).mtimeMs - 1000;
if (!fresh) {
  console.error("Installing the locked dependencies (once; a native module may compile for some minutes)…");
  // Not `npm ci`: some versions of npm refuse a lock file that lacks another platform's optional packages.
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
  const stdio = ["ignore", 2, 2];
  const { status } = spawnSync("npm", args, { cwd: inClone(""), stdio, shell: process.platform === "win32" });
  if (status !== 0) {
    console.error("npm install failed; see above.");
    process.exit(status ?? 1);
  }
}
