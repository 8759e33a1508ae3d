import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const API = "node_modules/@langchain/langgraph-api/dist";

/** Native code, what cannot be bundled, and what the LangGraph API loads only for its development server. */
const EXTERNAL = [
  ...["better-sqlite3", "@ast-grep/napi", "jsonc-parser", "esbuild", "lightningcss", "@tailwindcss/*", "vite", "tsx"],
  ...["typescript", "@typescript/vfs", "@langchain/langgraph-ui"],
];

const HEAD = [
  'import { createRequire as bundleRequire } from "node:module";',
  'import { fileURLToPath as bundlePath } from "node:url";',
  "const require = bundleRequire(import.meta.url);",
  "const __filename = bundlePath(import.meta.url);",
  'const __dirname = bundlePath(new URL(".", import.meta.url));',
  'const bundleResolve = () => new URL("./api/server.mjs", import.meta.url).href;',
];

/** The reproducer ships these files, one by one, as they lie beside it. */
const PROBE = "src/repair/reproduction/probe";
const builtNames: Plugin = {
  name: "builtNames",
  setup(builder) {
    builder.onResolve({ filter: /^\.\/.*\.ts$/ }, ({ path }) => ({ path: path.replace(/ts$/, "js"), external: true }));
  },
};

/**
 * Puts the child and everything it imports into a few files below `dir`, and returns the one to run. A process that is
 * started a thousand times then starts in half a second instead of several; what it runs is the same code.
 */
export async function bundleChild(dir: string, child = "test/harness/kill/child.ts"): Promise<string> {
  const outdir = join(dir, "bundle", "child");
  await build({
    absWorkingDir: ROOT,
    outdir,
    entryPoints: {
      child,
      index: "src/graph/index.ts",
      "api/server": `${API}/server.mjs`,
      "api/storage/ops": `${API}/storage/ops.mjs`,
    },
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // One copy of each module, whichever entry loads it first.
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: EXTERNAL,
    define: { "import.meta.resolve": "bundleResolve" },
    banner: { js: HEAD.join("\n") },
    logLevel: "error",
  });
  await build({
    absWorkingDir: ROOT,
    outdir: join(outdir, "probe"),
    entryPoints: [`${PROBE}/*.ts`],
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    plugins: [builtNames],
    logLevel: "error",
  });
  // The names under which the host looks for the graph, and the LangGraph API for its own package.
  writeFileSync(join(outdir, "index.js"), 'export * from "./index.mjs";\n');
  writeFileSync(join(dir, "bundle", "package.json"), '{ "type": "module" }\n');
  symlinkSync(join(ROOT, "node_modules"), join(dir, "bundle", "node_modules"));
  return join(outdir, "child.mjs");
}
