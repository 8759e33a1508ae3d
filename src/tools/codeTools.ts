import { z } from "zod";
import { messageOf, SelfhealError } from "../domain/errors.ts";
import type { ToolSpec, Workspace } from "../domain/ports.ts";
import { replaceOnce } from "./edit.ts";
import { nearestPaths, readRange } from "./read.ts";
import { globPattern, searchPattern } from "./search.ts";

/** The tools of a tool-calling coder. Each answers with text for the model, refusals too; only faults of the machine throw. */
export interface CodeTools {
  readonly specs: readonly ToolSpec[];
  /** Runs one call. `args` are unchecked, as the model gave them. */
  run(name: string, args: unknown): Promise<string>;
}

const MAX_LISTED = 300;
const MAX_HITS = 60;
const MAX_HIT_LENGTH = 240;

const ListFiles = z.object({
  glob: z.string().default("**/*").describe("e.g. src/**/*.js; without a slash: a name in any folder"),
});
const ReadFile = z.object({
  path: z.string(),
  from: z.number().int().positive().optional().describe("first line, from 1"),
  to: z.number().int().positive().optional().describe("last line"),
});
const Search = z.object({
  pattern: z.string(),
  regex: z.boolean().default(false).describe("false: the pattern is plain text"),
  ignoreCase: z.boolean().default(false),
  glob: z.string().default("**/*").describe("which files to search"),
});
const EditFile = z.object({
  path: z.string(),
  search: z.string().describe("text of the file, exact, with its indentation; it must be there exactly once"),
  replacement: z.string(),
});
const CreateFile = z.object({ path: z.string(), content: z.string() });

interface Tool<T> {
  description: string;
  parameters: z.ZodType<T>;
  run(args: T): Promise<string>;
}

export interface CodeToolsOptions {
  /** Why a path may not be changed, or null. */
  mayChange?: (path: string) => string | null;
}

/** Tools over one workspace. Paths that do not exist are answered with the nearest ones that do. */
export function createCodeTools(workspace: Workspace, options: CodeToolsOptions = {}): CodeTools {
  const mayChange = options.mayChange ?? (() => null);
  const created = new Set<string>();
  const paths = async () => [...(await workspace.files()), ...created].sort();
  const tools = {
    list_files: tool("Lists the repository's files.", ListFiles, async ({ glob }) => listed(await paths(), glob)),
    read_file: tool(
      "Shows a file with line numbers, at most 400 lines at once.",
      ReadFile,
      async ({ path, from, to }) => readRange(await readKnown(workspace, path, await paths()), from, to),
    ),
    search: tool("Finds lines in the repository's files.", Search, async (wanted) =>
      searched(workspace, await paths(), wanted),
    ),
    edit_file: tool(
      "Replaces a text that is in a file exactly once.",
      EditFile,
      async ({ path, search, replacement }) => {
        const content = await readKnown(workspace, path, await paths());
        const forbidden = mayChange(path);
        if (forbidden !== null) return `Refused: ${path} may not be changed: ${forbidden}`;
        const result = replaceOnce(content, search, replacement);
        if (result.kind === "refused") return `Refused: ${result.reason}`;
        await workspace.write(path, result.content);
        const lines = replacement.split("\n").length;
        return `Changed ${path}:\n${readRange(result.content, result.line - 3, result.line + lines + 2)}`;
      },
    ),
    create_file: tool("Makes a new file.", CreateFile, async ({ path, content }) => {
      if ((await paths()).includes(path)) return `Refused: ${path} exists; use edit_file`;
      const forbidden = mayChange(path);
      if (forbidden !== null) return `Refused: ${path} may not be made: ${forbidden}`;
      await workspace.write(path, content);
      created.add(path);
      return `Made ${path}`;
    }),
  };
  return {
    specs: Object.entries(tools).map(([name, { description, parameters }]) => ({ name, description, parameters })),
    async run(name, args) {
      const found = Object.entries(tools).find(([known]) => known === name)?.[1];
      if (found === undefined)
        return `There is no tool ${JSON.stringify(name)}; there are ${Object.keys(tools).join(", ")}`;
      return answer(() => found.run(args));
    },
  };
}

/** A tool whose arguments are checked before it runs. */
function tool<T>(description: string, parameters: z.ZodType<T>, run: (args: T) => Promise<string>): Tool<unknown> {
  return {
    description,
    parameters,
    async run(args) {
      const parsed = parameters.safeParse(args);
      if (parsed.success) return run(parsed.data);
      return `Refused: ${parsed.error.issues.map((i) => `${i.path.join(".") || "arguments"}: ${i.message}`).join("; ")}`;
    },
  };
}

/** What a model can set right itself becomes an answer. */
const ANSWERABLE = ["unsafePath", "notText", "tooLarge", "fileNotFound"];

async function answer(run: () => Promise<string>): Promise<string> {
  try {
    return await run();
  } catch (error) {
    if (SelfhealError.isInstance(error) && ANSWERABLE.includes(error.code)) return `Refused: ${messageOf(error)}`;
    throw error;
  }
}

async function readKnown(workspace: Workspace, path: string, paths: readonly string[]): Promise<string> {
  if (paths.includes(path)) return workspace.read(path);
  const near = nearestPaths(path, paths);
  throw new SelfhealError("fileNotFound", `there is no file ${JSON.stringify(path)}; nearest: ${near.join(", ")}`);
}

function listed(paths: readonly string[], glob: string): string {
  const pattern = globPattern(glob);
  if (pattern.kind === "refused") return `Refused: ${pattern.reason}`;
  const found = paths.filter((path) => pattern.matches(path));
  if (found.length === 0) return `No file matches ${glob}`;
  const more = found.length > MAX_LISTED ? `\n(${found.length - MAX_LISTED} more)` : "";
  return found.slice(0, MAX_LISTED).join("\n") + more;
}

async function searched(
  workspace: Workspace,
  paths: readonly string[],
  wanted: z.infer<typeof Search>,
): Promise<string> {
  const pattern = searchPattern(wanted);
  const files = globPattern(wanted.glob);
  if (pattern.kind === "refused") return `Refused: ${pattern.reason}`;
  if (files.kind === "refused") return `Refused: ${files.reason}`;
  const hits: string[] = [];
  for (const path of paths.filter((candidate) => files.matches(candidate))) {
    const content = await workspace.read(path).catch(unreadable);
    for (const [i, line] of content.split("\n").entries()) {
      if (pattern.matches(line)) hits.push(`${path}:${i + 1}: ${line.trim().slice(0, MAX_HIT_LENGTH)}`);
    }
    if (hits.length > MAX_HITS) return `${hits.slice(0, MAX_HITS).join("\n")}\n(more; narrow the search)`;
  }
  return hits.length === 0 ? "Nothing found" : hits.join("\n");
}

/** Binary and oversized files are passed over in a search. */
function unreadable(error: unknown): string {
  if (SelfhealError.isInstance(error) && ANSWERABLE.includes(error.code)) return "";
  throw error;
}
