import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What the LangGraph API makes of its packages' versions in plain Node, as an installed package runs. */
function versionsIn(prelude: string): Record<string, string> {
  const script = `${prelude}
    const { checkLangGraphSemver } = await import("./node_modules/@langchain/langgraph-api/dist/semver/index.mjs");
    const found = await checkLangGraphSemver();
    console.log(JSON.stringify(Object.fromEntries(found.map(({ name, version }) => [name, version]))));`;
  const args = ["--no-warnings", "--input-type=module", "-e", script];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" }));
}

it("plain Node: the LangGraph API reads the versions of its packages, and has nothing to warn of", () => {
  const { dependencies } = JSON.parse(readFileSync(`${ROOT}/package.json`, "utf8"));
  const source = readFileSync(`${ROOT}/src/graph/packageExportsPatch.ts`, "utf8");
  const { code } = transformSync(source, { loader: "ts", format: "esm" });
  const found = versionsIn(`${code.replace(/export \{[^}]*\};?/, "")}; letPackageFilesBeImported();`);
  expect(Object.keys(found)).toContain("@langchain/langgraph");
  for (const [name, version] of Object.entries(found)) expect([name, version]).toEqual([name, dependencies[name]]);
});
