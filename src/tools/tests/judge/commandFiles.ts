import { posix } from "node:path";
import type { FileFinder } from "./references.ts";

/** Files that commands name, and whether a command runs them as its program. */
export interface NamedFiles {
  programs: Set<string>;
  /** Arguments: inputs, entry points, things to check. */
  others: Set<string>;
}

/** Where commands are read from: the tracked files, and the texts of scripts that name further commands. */
export interface CommandGround {
  finder: FileFinder;
  read(path: string): Promise<string>;
}

const INTERPRETER =
  /^(?:node|nodejs|tsx|ts-node|bun|deno|python[\d.]*|pypy3?|ruby|perl|php|elixir|mix|sh|bash|zsh|dash|ksh|source|\.|just|make|gmake)$/;
/** Words before the program. */
const WRAPPER =
  /^(?:env|cross-env|npx|bunx|exec|time|timeout|nice|nohup|sudo|xvfb-run|dotenv|c8|nyc|then|do|else|!|if|while|set)$/;
const SHELL_SCRIPT = /\.(?:sh|bash|zsh|mk)$|(?:^|\/)(?:gnu)?makefile$|(?:^|\/)justfile$/i;
/** Flags whose value is code that runs before the program. */
const LOADS = /^(?:-r|--(?:require|import|loader|experimental-loader|config|setupFiles\w*))(?:=|$)/;
const MAX_DEPTH = 6;

/** The files that a shell command names, also through package scripts and shell scripts. `folder`: where it runs. */
export async function filesNamedBy(command: string, folder: string, ground: CommandGround): Promise<NamedFiles> {
  const named: NamedFiles = { programs: new Set(), others: new Set() };
  await collect(command, folder, 0, new Set());
  return named;

  async function collect(text: string, start: string, depth: number, seen: Set<string>): Promise<void> {
    if (depth > MAX_DEPTH) return;
    let at = start;
    for (const words of simpleCommands(text)) {
      if (words[0] === "cd" && words[1] !== undefined) {
        at = posix.join(at, withoutVariable(words[1]));
        continue;
      }
      await collectWords(words, at, depth, seen);
    }
  }

  async function collectWords(words: readonly string[], at: string, depth: number, seen: Set<string>): Promise<void> {
    for (const script of await packageScripts(words, at)) {
      const key = `${at} ${script}`;
      if (seen.has(key)) continue;
      seen.add(key);
      await collect(script, at, depth + 1, seen);
    }
    const program = programAt(words);
    const checksOnly = words.some((word) => word === "--check" || word === "-c" || word === "--syntax-check");
    const interpreted = INTERPRETER.test(posix.basename(words[program] ?? ""));
    let isProgram = true;
    for (const [i, word] of words.entries()) {
      // Commands in a word: `sh -c "node a.mjs"`, `NODE_OPTIONS="--import ./a.mjs"`.
      if (/\s/.test(word)) await collect(word.replace(/^\w+=/, ""), at, depth + 1, seen);
      const before = words[i - 1] ?? "";
      const loads = LOADS.test(word.startsWith("-") ? word : before);
      for (const file of filesOf(word, before, at)) {
        const runs = isProgram && i >= program && !(interpreted && checksOnly);
        (runs || loads ? named.programs : named.others).add(file);
        if (SHELL_SCRIPT.test(file) || (runs && !interpreted)) await collectScript(file, at, depth, seen);
        else if (runs && SHELL.test(words[program] ?? "")) await collectScript(file, at, depth, seen);
      }
      // The first word that is no flag is the program of an interpreter, and the others are its arguments.
      if (i > program && !word.startsWith("-") && !loads) isProgram = false;
      if (i === program && !interpreted) isProgram = false;
    }
  }

  /** A shell script names commands itself. */
  async function collectScript(file: string, at: string, depth: number, seen: Set<string>): Promise<void> {
    if (seen.has(file)) return;
    seen.add(file);
    const text = await ground.read(file).catch(() => "");
    if (!SHELL_SCRIPT.test(file) && !/^#!.*\b(?:sh|bash|zsh|dash|make)\b/.test(text) && /^#!/.test(text)) return;
    if (/\.(?:[cm]?[jt]sx?|py|exs?|rb|php|json)$/.test(file)) return;
    for (const line of text.replaceAll("\\\n", " ").split("\n")) {
      const plain = line.replace(/^\s*[@-]?/, "").replace(/(?:^|\s)#.*$/, "");
      await collect(plain, at, depth + 1, seen);
      if (posix.dirname(file) !== at) await collect(plain, posix.dirname(file), depth + 1, seen);
    }
  }

  function filesOf(word: string, before: string, at: string): string[] {
    if (before === "-m" && /^[\w.]+$/.test(word)) {
      const file = ground.finder.from(at, word.replaceAll(".", "/"));
      return file === null ? [] : [file];
    }
    return word.split(/[=,:\s]+/).flatMap((part) => {
      const path = withoutVariable(part);
      if (path === "" || path.startsWith("-") || path === "." || path === "..") return [];
      if (path.startsWith("/")) return absolute(path);
      const file = ground.finder.from(at, path) ?? (part === path ? null : ground.finder.from(".", path));
      return file === null ? [] : [file];
    });
  }

  /** An absolute path in a checkout: the longest tail of it that is a file of the repository. */
  function absolute(path: string): string[] {
    const segments = path.split("/").filter((one) => one !== "");
    for (let i = 0; i < segments.length; i += 1) {
      const file = ground.finder.from(".", segments.slice(i).join("/"));
      if (file !== null) return [file];
    }
    return [];
  }

  async function packageScripts(words: readonly string[], at: string): Promise<string[]> {
    const name = scriptName(words.slice(programAt(words)));
    if (name === null) return [];
    const text = await ground.read(posix.join(at, "package.json")).catch(() => "");
    named.programs.add(posix.join(at, "package.json"));
    const scripts = scriptsOf(text);
    return [`pre${name}`, name, `post${name}`].flatMap((one) => scripts[one] ?? []);
  }
}

const SHELL = /(?:^|\/)(?:sh|bash|zsh|dash|ksh|source|\.)$/;

/** The package script that a command runs: `npm test`, `yarn build`, `pnpm run x`, `node --run x`. */
function scriptName(words: readonly string[]): string | null {
  const [program = "", ...rest] = words;
  const plain = rest.filter((word) => !word.startsWith("-"));
  if (/^(?:npm|yarn|pnpm|bun)$/.test(program)) {
    const [first = "", second = ""] = plain;
    if (/^(?:run|run-script)$/.test(first)) return second || null;
    return first === "t" || first === "tst" ? "test" : first || null;
  }
  const run = /^node(?:js)?$/.test(program) ? rest.indexOf("--run") : -1;
  return run === -1 ? null : (rest[run + 1] ?? null);
}

function scriptsOf(text: string): Record<string, string> {
  try {
    const { scripts } = JSON.parse(text) as { scripts?: Record<string, unknown> };
    return Object.fromEntries(
      Object.entries(scripts ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
  } catch {
    return {};
  }
}

/** The index of the program's word: after assignments and wrappers. */
function programAt(words: readonly string[]): number {
  const at = words.findIndex(
    (word, i) => !/^[A-Za-z_]\w*=/.test(word) && !WRAPPER.test(word) && !(i > 0 && /^-|^\d+[smh]?$/.test(word)),
  );
  return at === -1 ? 0 : at;
}

/** The words of each simple command of a shell text, without quotes. */
function simpleCommands(text: string): string[][] {
  const commands: string[][] = [[]];
  for (const [token] of text.matchAll(
    /&&|\|\||[;|&()\n{}]|(?:\$\{[^}]*\}|\$\(|"(?:\\.|[^"\\])*"|'[^']*'|[^\s;|&()\n{}"'])+/g,
  )) {
    if (/^(?:&&|\|\||[;|&()\n{}])$/.test(token)) commands.push([]);
    else
      commands
        .at(-1)
        ?.push(token.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'/g, (_, a?: string, b?: string) => a ?? b ?? ""));
  }
  return commands.filter((words) => words.length > 0);
}

/** A path without the variable that it starts with: `$SELFHEAL_RELEASE_DIR/scripts/deploy.mjs`. */
function withoutVariable(path: string): string {
  return path.replace(/^\$(?:\{[^}]*\}|\w+)\/?/, "").replace(/^(?:\.\/)+/, "");
}
