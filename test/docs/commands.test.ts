import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { commandsOf, pages, pageText, ROOT } from "./pages.ts";
import { wholeProgram } from "./program.ts";

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };

/** Why `npm run NAME` cannot work on a fresh clone; null when it can. */
function scriptFault(program: Command, name: string): string | null {
  const script = scripts[name];
  if (script === undefined) return `package.json has no script ${name}`;
  const [tool, file = "", ...words] = script.split(" ");
  if (tool === "tsx" && !existsSync(join(ROOT, file))) return `there is no ${file}`;
  const unknown = file === "src/cli/index.ts" ? unknownPart(program, words) : null;
  if (unknown !== null) return unknown;
  // What only maintainers type is said to come after `npm install`.
  const bootstraps = scripts[`pre${name}`]?.includes("bootstrap") === true;
  return bootstraps || MAINTAINERS.includes(name) ? null : `${name} does not install what is missing first`;
}

const MAINTAINERS = ["docs:config", "build", "format", "lint", "types", "imports", "dead", "bootstrap"];

/** What of `selfheal WORD …` the program does not know; null when it knows all of it. */
function unknownPart(program: Command, words: readonly string[]): string | null {
  let command = program;
  let rest = [...words];
  for (;;) {
    const next = command.commands.find((one) => one.name() === rest[0]);
    if (next === undefined) break;
    command = next;
    rest = rest.slice(1);
  }
  const stray = command.commands.length > 0 && /^[a-z]/.test(rest[0] ?? "");
  if (command === program || stray) return `${words.join(" ")}: no such command`;
  const options = rest.filter((word) => word.startsWith("--")).map((word) => word.split("=")[0]);
  // Without a further word a group runs its default, whose options those then are.
  const known = [command, ...command.commands].flatMap((one) => one.options.map(({ long }) => long));
  const unknown = options.find((word) => word !== undefined && !known.includes(word));
  return unknown === undefined ? null : `${command.name()} has no option ${unknown}`;
}

/** Why a command of a page cannot work as it is written; null where it can, or where it is none of ours. */
function faultOf(program: Command, typed: string): string | null {
  const alone = typed.replace(/<[^>]*>/g, "X").replace(/\s(?:[|;&>]|\d>).*$/, "");
  const [tool, ...words] = alone.split(/\s+/);
  if (tool === "npm" && words[0] === "run") return scriptFault(program, (words[1] ?? "").replace(/[^\w:].*$/, ""));
  if (tool === "npm" && ["test", "start"].includes(words[0] ?? "")) return scriptFault(program, words[0] ?? "");
  if (tool === "npx" && words[0] === "tsx") return existsSync(join(ROOT, words[1] ?? "")) ? null : `no ${words[1]}`;
  if (tool === "selfheal" || tool === "./bin/selfheal") return unknownPart(program, words);
  return null;
}

describe("commands that the pages name", () => {
  const program = wholeProgram();
  it.each(pages())("%s", (page) => {
    const faults = commandsOf(pageText(page)).flatMap(({ command, line }) => {
      const fault = faultOf(program, command);
      return fault === null ? [] : [`line ${line}: ${command}: ${fault}`];
    });
    expect(faults).toEqual([]);
  });
});
