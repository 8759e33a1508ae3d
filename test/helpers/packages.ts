import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Installs made-up packages into a node_modules folder: name → source of its index.js. */
export function installPackages(folder: string, packages: Record<string, string>): void {
  for (const [name, source] of Object.entries(packages)) {
    const file = join(folder, "node_modules", name, "index.js");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, source);
    writeFileSync(join(dirname(file), "package.json"), JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
  }
}
