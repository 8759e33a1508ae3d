import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's top folder. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A line of shell that a page names, and where. */
export interface Named {
  command: string;
  line: number;
}

/** Every page for people, by its path in the repository. */
export function pages(): string[] {
  const below = (dir: string) =>
    readdirSync(join(ROOT, dir), { recursive: true, encoding: "utf8" }).map((path) => join(dir, path));
  const tops = readdirSync(ROOT).filter((name) => name.endsWith(".md"));
  const deeper = ["docs", "clients", "examples"].flatMap(below);
  return [...tops, ...deeper.filter((path) => path.endsWith(".md") && !path.includes("node_modules"))];
}

export function pageText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

const COMMAND = /^(?:npm|npx|node|selfheal|\.\/bin\/selfheal)\s/;
const SETTING = /^(?:export )?[A-Z_]+=/;

/** What a page tells people to type: the lines of its fenced `sh` blocks, and the code in its prose that is a command. */
export function commandsOf(text: string): Named[] {
  const found: Named[] = [];
  let fence: string | null = null;
  let begun: Named | null = null;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = index + 1;
    const mark = /^\s*```(\w*)/.exec(raw);
    if (mark !== null) {
      fence = fence === null ? (mark[1] ?? "") : null;
      continue;
    }
    if (fence === null) {
      for (const [, code = ""] of raw.matchAll(/`([^`]+)`/g))
        if (COMMAND.test(code)) found.push({ command: code, line });
      continue;
    }
    const typed = raw.replace(/(?:^|\s)#\s.*$/, "").trim();
    const whole: Named = begun === null ? { command: typed, line } : { ...begun, command: `${begun.command} ${typed}` };
    begun = null;
    if (typed.endsWith("\\")) begun = { ...whole, command: whole.command.replace(/\s*\\$/, "") };
    else if (fence === "sh" || COMMAND.test(whole.command)) found.push(whole);
  }
  return found.filter(({ command }) => COMMAND.test(command) || SETTING.test(command));
}

/** A page's text without its fenced blocks and code, line by line. */
export function proseOf(text: string): string[] {
  let fenced = false;
  return text.split("\n").map((line) => {
    if (/^\s*```/.test(line)) {
      fenced = !fenced;
      return "";
    }
    return fenced ? "" : line;
  });
}
