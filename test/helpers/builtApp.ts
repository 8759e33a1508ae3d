import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runInThisContext } from "node:vm";
import { build } from "esbuild";
import { tempFolder } from "./tempFolder.ts";

/** An app in TypeScript, built and minified as a bundler does it for production. */
export interface BuiltApp {
  /** The folder that the build wrote, with the maps. */
  dist: string;
  /** The built file inside of it, with its hash. */
  file: string;
  /** Runs it as a browser would from that URL, and returns the stack of what it throws. */
  crash(url: string): string;
}

/** Its sources; `shift` lines are put in front of the crashing function, as a release does. */
export function appFiles(shift = 0): Record<string, string> {
  return {
    "src/main.ts": 'import { checkout } from "./checkout";\ncheckout({ id: 7 });\n',
    "src/checkout.ts": [
      'import { cityOf, type Customer } from "./address";',
      ...Array.from({ length: shift }, (_, i) => `export const setting${i}: string = String(${i});`),
      "",
      "export function checkout(customer: Customer): string {",
      "  const lines = [1, 2].map((quantity) => labelFor(customer, quantity));",
      '  return lines.join(", ");',
      "}",
      "",
      "function labelFor(customer: Customer, quantity: number): string {",
      // Recursive, so that the minifier does not put it into its caller.
      "  if (quantity > 100) return labelFor(customer, quantity - 1);",
      "  return `${quantity} to ${cityOf(customer)}`;",
      "}",
      "",
    ].join("\n"),
    "src/address.ts": [
      ...Array.from({ length: shift }, (_, i) => `// moved ${i}`),
      "export interface Customer {",
      "  id: number;",
      "  address?: { city: string };",
      "}",
      "",
      "export function cityOf(customer: Customer): string {",
      "  const { address } = customer;",
      "  if (customer.id < 0) return cityOf({ id: 1 });",
      "  return address!.city.toUpperCase();",
      "}",
      "",
    ].join("\n"),
  };
}

/** Writes files, and builds `src/main.ts` of them into `dist`, minified. */
export async function buildApp(files: Record<string, string>, dir: string = tempFolder()): Promise<BuiltApp> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, dirname(path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  const { metafile, outputFiles } = await build({
    entryPoints: [join(dir, "src/main.ts")],
    absWorkingDir: dir,
    outdir: join(dir, "dist"),
    entryNames: "assets/[name]-[hash]",
    bundle: true,
    minify: true,
    sourcemap: true,
    format: "iife",
    metafile: true,
    write: false,
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const output = Object.keys(metafile.outputs).find((path) => path.endsWith(".js")) ?? "";
  const code = outputFiles.find(({ path }) => path.endsWith(".js"))?.text ?? "";
  return {
    dist: join(dir, "dist"),
    file: output.replace(/^dist\//, ""),
    crash: (url) => {
      try {
        runInThisContext(code, { filename: url, displayErrors: false });
      } catch (thrown) {
        return (thrown as Error).stack ?? "";
      }
      throw new Error("it did not crash");
    },
  };
}
