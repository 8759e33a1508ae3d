import { readFileSync, writeFileSync } from "node:fs";
import { withTables } from "../src/config/docsTables.ts";

const page = new URL("../docs/configuration.md", import.meta.url);
writeFileSync(page, withTables(readFileSync(page, "utf8")));
