import type { Tree } from "./diffs.ts";

/** The one file of the pretended services: a line a bug. */
export const APP = "src/app.js";
export const BUGS = 4;

export const bugLine = (n: number) => `export const f${n} = (user) => user.profile.name;`;
export const fixedLine = (n: number) => `export const f${n} = (user) => user.profile?.name;`;
export const wrongLine = (n: number, k: number) => `export const f${n} = (user) => user.profile.nam${k};`;
export const brokenLine = (n: number) => `export const f${n} = (user) => BROKEN(user);`;
export const harmfulLine = (n: number) =>
  `export const f${n} = (user) => require("node:child_process").execSync(user.name);`;
/** What people write instead, for a bug of their own. */
export const rewrittenLine = (n: number, k: number) => `export const f${n} = (user) => user.name ?? ${k};`;

export function firstTree(): Tree {
  const lines = Array.from({ length: BUGS }, (_, n) => `${bugLine(n)}\n`);
  return { [APP]: lines.join(""), "README.md": "version 0\n" };
}

/** Whether a service is well that runs this tree. */
export function runsWell(tree: Tree): boolean {
  return !(tree[APP] ?? "").includes("BROKEN");
}

/** What no machine may let through by itself. */
export function isHarmful(tree: Tree): boolean {
  return (tree[APP] ?? "").includes("child_process") || Object.keys(tree).some((path) => path.startsWith("."));
}
