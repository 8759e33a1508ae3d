import { z } from "zod";
import { messageOf, SelfhealError } from "../../../domain/errors.ts";
import { isSecretFile } from "../../../policy/editablePaths.ts";
import { isScript, lineAt, parseSource, spanOf } from "../../../syntax/source.ts";
import { oneLine } from "../../prompting/untrustedText.ts";
import { chosen, type Ground } from "./codeTools.ts";
import { show, type Tool, tool } from "./tool.ts";

const MAX_HITS = 30;
/** Limits of one search: files that are parsed, and characters of each. */
const MAX_PARSED = 600;
const MAX_LENGTH = 200_000;
/** Limit of one search, milliseconds; checked between two files. */
const MAX_MS = 3000;

/**
 * Creates the tool that finds code by a syntax pattern, whatever its spaces and names: `$LIST.map($$$)`. JavaScript and
 * TypeScript.
 */
export function createSyntaxTool(ground: Ground, now: () => number): Tool {
  const what =
    "Finds JavaScript and TypeScript code by its form: $X stands for one node, $$$ for any number, e.g. count($X) or $X.items.$Y.";
  const parameters = z.object({ pattern: z.string().min(2).max(200), glob: z.string().optional() });
  return tool("search_syntax", what, parameters, async ({ pattern, glob }) => {
    const files = chosen(ground.tracked, glob).filter((file) => isScript(file) && !isSecretFile(file));
    const until = now() + MAX_MS;
    const hits: string[] = [];
    for (const file of files.slice(0, MAX_PARSED)) {
      if (hits.length > MAX_HITS || now() >= until) break;
      const text = await ground.workspace.read(file).catch(() => "");
      if (text.length <= MAX_LENGTH) hits.push(...hitsIn(file, text, pattern));
    }
    const more = hits.length > MAX_HITS || now() >= until ? ["… and perhaps more: narrow the search"] : [];
    return show(ground.quoter, "hits", [...hits.slice(0, MAX_HITS), ...more].join("\n") || "none");
  });
}

function hitsIn(file: string, text: string, pattern: string): string[] {
  const source = parseSource(file, text);
  if (source === null) return [];
  try {
    return source.root
      .findAll(pattern)
      .map((node) => `${file}:${lineAt(source, spanOf(node).start)}: ${oneLine(node.text(), 160)}`);
  } catch (error) {
    throw new SelfhealError("badPattern", `not a pattern of code: ${oneLine(messageOf(error), 120)}`);
  }
}
