import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "esbuild";
import type { CaseFile, DiffCase } from "./diffCase.ts";

/** Runs `shown` of each case on base and patch, and returns what does not hold, one sentence a fault. */
export async function faultsOfShown(cases: readonly DiffCase[]): Promise<string[]> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "selfheal-shown-")));
  const faults: string[] = [];
  try {
    await writeFile(join(dir, "package.json"), '{"type":"module"}');
    for (const [index, one] of cases.entries()) {
      if (one.shown === undefined) continue;
      faults.push(...(await faultsOf(one, join(dir, String(index)))).map((fault) => `${one.name}: ${fault}`));
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return faults;
}

async function faultsOf(one: DiffCase, dir: string): Promise<string[]> {
  const { crash, suite } = one.shown ?? { crash: "", suite: "" };
  const faults: string[] = [];
  try {
    const base = await load(one, join(dir, "base"), "before");
    const patch = await load(one, join(dir, "patch"), "after");
    const red = await thrownBy(`return await (${crash})`, base);
    if (red === null) faults.push("the crash does not throw on the base");
    else if (one.crash.path.endsWith(".js")) faults.push(...placeFaults(one, red));
    faults.push(...told("the crash on the patch", await thrownBy(`return await (${crash})`, patch)));
    faults.push(...told("the suite on the base", await thrownBy(suite, base)));
    faults.push(...told("the suite on the patch", await thrownBy(suite, patch)));
  } catch (cause) {
    faults.push(`does not load: ${String(cause)}`);
  }
  return faults;
}

function told(what: string, thrown: unknown): string[] {
  return thrown === null ? [] : [`${what} throws ${thrown instanceof Error ? thrown.message : String(thrown)}`];
}

/** Whether the first frame of the exception in the case's files is the place that the case names. */
function placeFaults({ crash }: DiffCase, thrown: unknown): string[] {
  const stack = thrown instanceof Error ? (thrown.stack ?? "") : "";
  const frame = /\/base\/([^\s:)]+):(\d+):(\d+)/.exec(stack);
  const seen = `${frame?.[1]}:${frame?.[2]}:${frame?.[3]}`;
  const named = `${crash.path}:${crash.line}:${crash.column ?? frame?.[3]}`;
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return [
    ...(seen === named ? [] : [`crashes at ${seen}, the case says ${named}`]),
    ...(message.startsWith(`${crash.type}: ${crash.message}`)
      ? []
      : [`throws ${message}, the case says ${crash.message}`]),
  ];
}

async function load(one: DiffCase, dir: string, side: "before" | "after"): Promise<unknown> {
  const others = Object.entries(one.repository ?? {}).map(([path, text]) => ({ path, before: text, after: text }));
  for (const file of [...one.files, ...others]) await write(file, dir, side);
  return import(pathToFileURL(join(dir, scriptPath(one.crash.path))).href);
}

async function write(file: CaseFile, dir: string, side: "before" | "after"): Promise<void> {
  const text = file[side];
  if (text === null || file.mode === "120000") return;
  const path = join(dir, scriptPath(file.path));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, /\.([jt]sx|ts)$/.test(file.path) ? await plain(file.path, text) : text);
}

/** Node 20 runs neither types nor JSX. */
function scriptPath(path: string): string {
  return path.replace(/\.(?:tsx?|jsx)$/, ".js");
}

async function plain(path: string, text: string): Promise<string> {
  const loader = path.endsWith(".ts") ? "ts" : "tsx";
  const { code } = await transform(text, { loader, target: "node20" });
  return code.replace(/(from "\.\.?\/[^"]+)\.tsx?"/g, '$1.js"');
}

/** What the statements throw over the module `m`; null if nothing. */
async function thrownBy(statements: string, m: unknown): Promise<unknown> {
  const run = new Function("m", `return (async () => { ${statements} })()`) as (module: unknown) => Promise<unknown>;
  try {
    await run(m);
    return null;
  } catch (thrown) {
    return thrown ?? new Error("thrown");
  }
}
