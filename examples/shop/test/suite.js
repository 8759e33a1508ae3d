/** Every test of the shop in one process: they are quick and share nothing, and a process for each file takes longer than they do. */
import { readdirSync } from "node:fs";

for (const file of readdirSync(new URL(".", import.meta.url)).sort()) {
  if (file.endsWith(".test.js")) await import(`./${file}`);
}
