// What probes are written with: runs each named input against the package in the current folder, and prints what could
// be seen of it as JSON. The same probe on two trees: equal lines mean equal behaviour.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** `require` and `import` as seen from the package under judgement. */
export const packageRequire = createRequire(join(process.cwd(), "probe.cjs"));
export const packageImport = (path) => import(pathToFileURL(join(process.cwd(), path)).href);

export async function observe(inputs) {
  const seen = {};
  for (const [name, run] of Object.entries(inputs)) {
    try {
      seen[name] = plain(await run());
    } catch (error) {
      seen[name] = { threw: `${error?.name}: ${String(error?.message).split("\n")[0]}` };
    }
  }
  console.log(`OBSERVED ${JSON.stringify(seen)}`);
  process.exit(0);
}

function plain(value) {
  return value === undefined ? "undefined" : JSON.parse(JSON.stringify(value));
}
