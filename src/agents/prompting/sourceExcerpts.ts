import type { Plan } from "../../domain/plan.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import { isSecretFile } from "../../policy/editablePaths.ts";
import { cleanPath } from "../../repair/frames.ts";
import { oneLine, type Quoter } from "./untrustedText.ts";

const EXCERPTS = 4;

const LINES_AROUND = 12;

/**
 * The lines around each place, numbered, the place marked with ">". Files of secrets and unreadable files are left out.
 */
export async function excerptsOf(
  workspace: Workspace,
  places: Plan["places"],
  quoter: Quoter,
  around = LINES_AROUND,
): Promise<string> {
  const excerpts: string[] = [];
  for (const { file, line } of places.slice(0, EXCERPTS)) {
    const text = isSecretFile(file) ? null : await workspace.read(file).catch(() => null);
    if (text === null) continue;
    const from = Math.max(1, line - around);
    const body = numbered(text, from, line + around, line);
    excerpts.push(quoter.quote(`${oneLine(file, 160)} from line ${from}`, body, 4000));
  }
  return excerpts.join("\n");
}

/** Lines `from` to `to` (both start at 1 and are included) with their numbers. */
export function numbered(text: string, from: number, to: number, marked = 0): string {
  const lines = text.split("\n").slice(from - 1, to);
  return lines.map((line, i) => `${from + i === marked ? ">" : " "}${from + i}| ${line.slice(0, 300)}`).join("\n");
}

/** The last three parts of a path, so that the folders of a server are not disclosed. */
export function tailOf(file: string): string {
  return cleanPath(file).split("/").slice(-3).join("/");
}
