import { isTestPath } from "../../tools/tests/testCommand.ts";
import type { Place, Tree } from "../candidate.ts";
import { moduleKindOf } from "./moduleFormat.ts";

export type AppKind = "hono" | "fastify" | "express" | "koa" | "http" | "fetch";

/** An export of the repository that handles requests. */
export interface App {
  file: string;
  module: "esm" | "cjs";
  kind: AppKind;
  /** Export name; null for the CommonJS module itself. */
  name: string | null;
  /** Whether the export is a function that creates the app. */
  isFactory: boolean;
}

const SIGNS: readonly (readonly [AppKind, RegExp])[] = [
  ["hono", /\bnew Hono\b/],
  ["fastify", /\b[fF]astify\s*\(/],
  ["koa", /\bnew Koa\b/],
  ["express", /\bexpress\s*\(\s*\)/],
  ["http", /\bcreateServer\s*\(/],
  ["fetch", /export default\s*\{[^}]*\bfetch\b/],
];
const MAX_FILES = 300;
const MAX_APPS = 4;

/**
 * Apps that can handle a request in the test's process, most likely first. A file that listens when it is loaded is not
 * one.
 */
export async function appsIn(places: readonly Place[], tree: Tree): Promise<App[]> {
  const onStack = new Set(places.map(({ file }) => file));
  const files = (await tree.files())
    .filter((file) => /\.[cm]?[jt]s$/.test(file) && !file.endsWith(".d.ts") && !isTestPath(file))
    .filter((file) => !/(?:^|\/)(?:node_modules|dist|build|docs|examples?|scripts|bench)\//.test(file))
    .map((file) => ({ file, score: scoreOf(file, onStack) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_FILES);
  const found: App[] = [];
  for (const { file } of files) {
    if (found.length >= MAX_APPS) break;
    const text = await tree.read(file).catch(() => "");
    const kind = SIGNS.find(([, sign]) => sign.test(text))?.[0];
    const module = /\.[cm]?ts$/.test(file) ? "esm" : await moduleKindOf(file, text, tree);
    if (kind === undefined || module === null || listensWhenLoaded(text)) continue;
    found.push(...exportsOf(text, module).map((one) => ({ file, module, kind, ...one })));
  }
  return found.slice(0, MAX_APPS);
}

function scoreOf(file: string, onStack: ReadonlySet<string>): number {
  const named = /(?:^|\/)(?:app|server|index|main|api)\.[cm]?[jt]s$/.test(file) ? 2 : 0;
  return named + (onStack.has(file) ? 1 : 0) - file.split("/").length / 10;
}

function listensWhenLoaded(text: string): boolean {
  return /^\S.*\.listen\s*\(/m.test(text) || (/\bserve\s*\(\s*\{/.test(text) && !/import\.meta/.test(text));
}

const MAKES_APPS = /^(?:build|create|make|get|new)\w*$|^(?:app|server)Factory$/i;
const IS_APP = /^(?:default|\w*app|\w*server|\w*handler|router|api)$/i;

function exportsOf(text: string, module: App["module"]): { name: string | null; isFactory: boolean }[] {
  const names = module === "esm" ? esmNames(text) : cjsNames(text);
  return names.flatMap(({ name, isFunction }): { name: string | null; isFactory: boolean }[] => {
    if (isFunction)
      return name === null || MAKES_APPS.test(name) || name === "default" ? [{ name, isFactory: true }] : [];
    return name === null || IS_APP.test(name) ? [{ name, isFactory: false }] : [];
  });
}

interface Exported {
  name: string | null;
  isFunction: boolean;
}

function esmNames(text: string): Exported[] {
  const found: Exported[] = [];
  const isFunction = (name: string) => new RegExp(`\\bfunction ${name}\\b|\\b${name} = (?:async )?\\(`).test(text);
  for (const [, fn, name = ""] of text.matchAll(/^export (?:(async function|function)|const|let|var) (\w+)/gm))
    found.push({ name, isFunction: fn !== undefined || isFunction(name) });
  for (const [, list = ""] of text.matchAll(/^export \{([^}]*)\}/gm))
    for (const part of list.split(",").map((one) => one.trim().split(/\s+as\s+/)))
      if (part[0]) found.push({ name: part[1] ?? part[0], isFunction: isFunction(part[0]) });
  const other = /^export default\s+(?:(async function|function)\b|([\w$]+))?/m.exec(text);
  if (other !== null)
    found.push({
      name: "default",
      isFunction: other[1] !== undefined || (other[2] !== undefined && isFunction(other[2])),
    });
  return found;
}

function cjsNames(text: string): Exported[] {
  const isFunction = (name: string) => new RegExp(`\\bfunction ${name}\\b|\\b${name} = (?:async )?\\(`).test(text);
  const found: Exported[] = [];
  const whole = /\bmodule\.exports\s*=\s*(?:(async function|function)\b|([\w$]+)\s*;?\s*$)/m.exec(text);
  if (whole !== null) found.push({ name: null, isFunction: whole[1] !== undefined || isFunction(whole[2] ?? "") });
  for (const [, list = ""] of text.matchAll(/\bmodule\.exports\s*=\s*\{([^}]*)\}/g))
    for (const name of list.split(",").map((one) => one.trim().split(":")[0] ?? ""))
      if (/^\w+$/.test(name)) found.push({ name, isFunction: isFunction(name) });
  for (const [, name = "", value = ""] of text.matchAll(/\bexports\.(\w+)\s*=\s*(\S+)/g))
    if (!found.some((one) => one.name === name))
      found.push({ name, isFunction: /^(?:async|function|\()/.test(value) || isFunction(value.replace(/\W/g, "")) });
  return found;
}
