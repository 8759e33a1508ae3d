#!/usr/bin/env node
// The command `selfheal`. In a clone: installs what is missing and runs src/ through tsx. In an installed package: runs dist/.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = new URL("../src/cli/index.ts", import.meta.url);
if (existsSync(source)) {
  await import("../scripts/bootstrap.mjs");
  const { register } = await import("tsx/esm/api");
  // Named, because tsx would otherwise read the tsconfig.json of the folder that the command is called in.
  register({ tsconfig: fileURLToPath(new URL("../tsconfig.json", import.meta.url)) });
  await import(source.href);
} else {
  await import("../dist/cli/index.js");
}
