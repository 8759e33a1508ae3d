import type { Candidate } from "../../candidate.ts";
import { candidate } from "../guardForms.ts";
import { afterImports, exportsOf } from "../modules.ts";
import { insert, type RepairSite, type Repository, type Template } from "../repairSite.ts";

const BUILT_IN_MODULES: Record<string, string> = {
  fs: "fs",
  path: "path",
  os: "os",
  util: "util",
  url: "url",
  http: "http",
  https: "https",
  assert: "assert",
  crypto: "crypto",
  events: "events",
  stream: "stream",
  zlib: "zlib",
  querystring: "querystring",
};

/** Imports an undefined name that another file of the repository exports, or that is a module of Node. */
export const missingImport: Template = async (site, repository) => {
  if (site.crash.kind !== "notDefined" || site.depth > 0) return [];
  const name = site.crash.name;
  const builtIn = BUILT_IN_MODULES[name];
  if (builtIn !== undefined && site.node.parent()?.kind() === "member_expression")
    return [imported(site, name, builtIn, true, 90)];
  const exporters = await exportersOf(name, site, repository);
  return exporters
    .slice(0, 3)
    .map((file, i) => imported(site, name, importPath(site, file), false, 91 - 6 * i - (exporters.length > 1 ? 6 : 0)));
};

function imported(site: RepairSite, name: string, from: string, whole: boolean, score: number): Candidate {
  const q = site.style.quote;
  const end = site.style.semicolons ? ";" : "";
  const isModule = /^(?:import|export) /m.test(site.source.text);
  const names = whole ? name : `{ ${name} }`;
  const word = site.style.blockScoped ? "const" : "var";
  const line = isModule
    ? `import ${names} from ${q}${from}${q}${end}`
    : `${word} ${names} = require(${q}${from}${q})${end}`;
  const at = afterImports(site.source);
  const text = at === 0 ? `${line}${site.style.eol}` : `${site.style.eol}${line}`;
  return candidate({ family: "missingImport" }, "", [insert(site, at, text)], {
    explanation: `${name} is exported by ${from} and was never imported`,
    score,
    effect: `imports ${name}`,
  });
}

async function exportersOf(name: string, site: RepairSite, repository: Repository): Promise<string[]> {
  const extension = /\.[cm]?[jt]sx?$/;
  const files = repository.files
    .filter((f) => f !== site.source.path && extension.test(f) && !/(?:^|\/)(?:tests?|__tests__|dist|build)\//.test(f))
    .slice(0, 1500);
  const found: string[] = [];
  for (const file of files) {
    if (!(await repository.text(file)).includes(name)) continue;
    const source = await repository.source(file);
    if (source !== null && exportsOf(source)?.has(name)) found.push(file);
  }
  return found.sort((a, b) => steps(site.source.path, a) - steps(site.source.path, b) || a.localeCompare(b));
}

function steps(from: string, to: string): number {
  return relative(from, to).split("/").length;
}

/** The import path of a file. It has an extension if the file's other relative imports have one. */
function importPath(site: RepairSite, to: string): string {
  const path = relative(site.source.path, to);
  const written = /(?:from|require\() ?['"]\.{1,2}\/[^'"]+?(\.[cm]?[jt]sx?)?['"]/.exec(site.source.text);
  const keeps = written === null ? /\.m[jt]s$/.test(site.source.path) : written[1] !== undefined;
  if (!keeps) return path.replace(/\.[cm]?[jt]sx?$/, "");
  return written?.[1] !== undefined && /\.[cm]?js$/.test(written[1]) ? path.replace(/\.([cm]?)tsx?$/, ".$1js") : path;
}

function relative(from: string, to: string): string {
  const a = from.split("/").slice(0, -1);
  const b = to.split("/");
  while (a.length > 0 && b.length > 1 && a[0] === b[0]) {
    a.shift();
    b.shift();
  }
  return `${a.length === 0 ? "./" : "../".repeat(a.length)}${b.join("/")}`;
}
