import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, it } from "vitest";
import { pages, pageText, proseOf, ROOT } from "./pages.ts";

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(path: string): Set<string> {
  const anchors = new Set<string>();
  for (const line of proseOf(pageText(path))) {
    const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const base = words.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
    let anchor = base;
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${base}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Why a link of a page leads nowhere; null when it leads somewhere, or out of the repository. */
function faultOf(page: string, target: string): string | null {
  if (/^[a-z]+:/.test(target)) return null;
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? page : normalize(join(dirname(page), file));
  if (path.startsWith("..") || !existsSync(join(ROOT, path))) return `there is no ${path}`;
  if (anchor === undefined) return null;
  return anchorsOf(path).has(anchor) ? null : `${path} has no heading for #${anchor}`;
}

it.each(pages())("%s: every link and image leads somewhere", (page) => {
  const faults = proseOf(pageText(page)).flatMap((line, index) =>
    [...line.replace(/`[^`]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
      const fault = faultOf(page, target);
      return fault === null ? [] : [`line ${index + 1}: ${target}: ${fault}`];
    }),
  );
  expect(faults).toEqual([]);
});

/** A file or folder of the repository, as a page names it in code. */
const OURS = /`((?:src|test|docs|scripts|bench|eval|cases|clients|examples|bin)\/[\w./-]*)`/g;

/** Decisions tell of their day. */
const ofToday = pages().filter((page) => !page.startsWith("docs/decisions/") && page !== "CHANGELOG.md");

it.each(ofToday)("%s: every file that it names is there", (page) => {
  const named = proseOf(pageText(page)).flatMap((line, index) =>
    [...line.matchAll(OURS)].map(([, path = ""]) => ({ path, line: index + 1 })),
  );
  // A page of a package, and that of the example, speak of their own folders.
  const roots = [".", dirname(page), ...(page.startsWith("examples/") ? ["examples/shop"] : [])];
  const there = (path: string) => roots.some((from) => existsSync(join(ROOT, from, path)));
  expect(named.filter(({ path }) => !there(path))).toEqual([]);
});
