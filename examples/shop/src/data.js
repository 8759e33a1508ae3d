import { readdirSync, readFileSync } from "node:fs";

/** Reads every data/NAME.json as `data.NAME`. */
export function loadData(folder = new URL("../data/", import.meta.url)) {
  return Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .map((file) => [file.slice(0, -".json".length), JSON.parse(readFileSync(new URL(file, folder), "utf8"))]),
  );
}
