import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { ProbePlan } from "./probe/plan.ts";

/** The probe's folder at the top of the tree. */
export const PROBE_DIR = ".selfheal-probe";

const PARTS = ["main", "invoke", "plan", "functionPath", "search", "shape"];

let shipped: Promise<Record<string, string>> | undefined;

/**
 * The files of the probe and its plan, by path in the tree. Always JavaScript, even if selfheal runs from TypeScript.
 */
export async function probeFiles(plan: ProbePlan): Promise<Record<string, string>> {
  shipped ??= compiled();
  return { ...(await shipped), [`${PROBE_DIR}/plan.json`]: JSON.stringify(plan) };
}

async function compiled(): Promise<Record<string, string>> {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const texts = await Promise.all(
    PARTS.map(async (part) => {
      const text = await readFile(fileURLToPath(new URL(`./probe/${part}${extension}`, import.meta.url)), "utf8");
      return [`${PROBE_DIR}/${part}.js`, extension === ".ts" ? await withoutTypes(text) : text] as const;
    }),
  );
  // The probe's own package.json keeps the repository's module type from applying to it.
  return { ...Object.fromEntries(texts), [`${PROBE_DIR}/package.json`]: '{ "type": "module" }\n' };
}

async function withoutTypes(text: string): Promise<string> {
  const { default: ts } = await import("typescript");
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}
