import type { Admission } from "../../domain/evidence.ts";
import type { Plan } from "../../domain/plan.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import type { RegressionTest } from "../../domain/reproduction.ts";
import { admit, type ChangedFile } from "../../policy/admittedEdits/admission.ts";
import { callingFunctions, editedFunctions } from "../../policy/admittedEdits/callers.ts";
import { isTestPath } from "../../policy/testPaths.ts";
import { isParsable } from "../../syntax/grammars.ts";

/** Limits of the search for callers: files that are read, characters of each, and files that mention a name. */
const MAX_FILES = 3000;
const MAX_LENGTH = 400_000;
const MAX_MENTIONS = 60;
/** How many calls upwards callers are looked for. */
const MAX_ROUNDS = 4;

/** What the admission of a Patch is decided from. */
export interface AdmissionFacts {
  /** At the base. */
  workspace: Pick<Workspace, "files" | "read">;
  files: readonly ChangedFile[];
  /** The exception's message, from an Event of the Evidence's tier. */
  message: string;
  plan: Plan | null;
  /** The regression test that selfheal wrote, if the Patch adds it. */
  own: RegressionTest | null;
}

/** Decides whether a Patch consists of admitted edits, and reads the files of its callers for that. */
export async function admissionOf({ workspace, files, message, plan, own }: AdmissionFacts): Promise<Admission> {
  const ownTest = own === null || own.by !== undefined ? null : { path: own.path, content: own.content };
  const { others, complete } = await filesOfCallers(workspace, files, editedFunctions(files));
  const admission = admit({ files, crash: { message, frames: plan?.places ?? [] }, others, ownTest });
  if (complete) return admission;
  const unread = "the edited function may be called from files that are not read: too many, too long or unreadable";
  return {
    entries: [],
    findings: [...admission.findings, { rule: "callersUnread", weight: "soft", path: "", line: 0, message: unread }],
  };
}

/** The files that mention the functions, and those that mention their callers, some calls upwards. */
async function filesOfCallers(
  workspace: Pick<Workspace, "files" | "read">,
  changed: readonly ChangedFile[],
  edited: readonly string[],
): Promise<{ others: Map<string, string>; complete: boolean }> {
  const others = new Map<string, string>();
  if (edited.length === 0) return { others, complete: true };
  const own = new Map(changed.map(({ path, before }) => [path, before ?? ""]));
  const tracked = (await workspace.files()).filter((path) => isParsable(path) && !isTestPath(path) && !own.has(path));
  const texts = new Map(own);
  const tooLong: string[] = [];
  let complete = tracked.length <= MAX_FILES;
  for (const path of tracked.slice(0, MAX_FILES)) {
    const text = await workspace.read(path).catch(() => null);
    if (text === null) complete = false;
    else if (text.length > MAX_LENGTH) tooLong.push(text);
    else texts.set(path, text);
  }
  const known = new Set(edited);
  let names = [...edited];
  for (let round = 0; round < MAX_ROUNDS && names.length > 0; round += 1) {
    const mentioned = new RegExp(`(?<![\\p{L}\\p{N}_$])(?:${names.map(escaped).join("|")})(?![\\p{L}\\p{N}_$])`, "u");
    const found = [...texts].filter(([, text]) => mentioned.test(text));
    const callers = found.flatMap(([path, text]) => callingFunctions(path, text, names));
    for (const [path, text] of found) if (!own.has(path)) others.set(path, text);
    if (others.size > MAX_MENTIONS || tooLong.some((text) => mentioned.test(text))) return { others, complete: false };
    names = [...new Set(callers)].filter((name) => !known.has(name));
    for (const name of names) known.add(name);
  }
  return { others, complete };
}

function escaped(name: string): string {
  return name.replace(/[$]/g, "\\$&");
}
