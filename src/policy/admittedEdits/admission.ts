import type { SgNode } from "@ast-grep/napi";
import type { Admission, Finding } from "../../domain/evidence.ts";
import { parseAny } from "../../syntax/grammars.ts";
import { same } from "../../syntax/scriptNodes.ts";
import { faultsIn, lineAt, type Source, spanOf } from "../../syntax/source.ts";
import { isTestPath } from "../testPaths.ts";
import { changedDirective, commentsIn } from "./comments.ts";
import { compareTrees, type Difference } from "./compareTrees.ts";
import { whyNotCorrected } from "./correctedNames.ts";
import { type CrashFrame, crashPlace, isAtCrash } from "./crashPlace.ts";
import { describeDifference } from "./describeDifference.ts";
import type { AdmittedEdit, Dialect } from "./dialect.ts";
import { dialectOf } from "./dialects.ts";
import { failOpen } from "./failOpen.ts";
import { inlineLocals } from "./inlineLocals.ts";

/** One file of a Patch, before and after. null: the file is not there. */
export interface ChangedFile {
  path: string;
  before: string | null;
  after: string | null;
}

/** Everything that `admit` reads. */
export interface AdmissionInput {
  files: readonly ChangedFile[];
  /** The exception, and its frames inside the repository, newest first. */
  crash: { message: string; frames: readonly CrashFrame[] };
  /** Other files of the repository at the base, by path: those that mention the functions around the crash. */
  others: ReadonlyMap<string, string>;
  /** The regression test that selfheal itself rendered: the only new file that is admitted. */
  ownTest: { path: string; content: string } | null;
}

/**
 * Recognises a Patch as admitted edits over the syntax trees before and after: see `ENTRIES`. Default-deny: a file that
 * cannot be read, a difference that no entry explains, an edit away from the crash, and a new value that reaches a
 * decision each need a person. Who wrote the Patch does not matter. Never throws. Pure.
 *
 * @example
 * admit({ files: [{ path: "a.js", before: "f(a.b.c);\n", after: "f(a.b?.c);\n" }], crash, others: new Map(), ownTest: null });
 */
export function admit(input: AdmissionInput): Admission {
  const files = input.files.filter(({ path, before, after }) => !isOwnTest(input, path, before, after));
  const judged = files.map((file) => judgeFile(file, input));
  const findings = judged.flatMap((one) => one.findings);
  const entries = [...new Set(judged.flatMap((one) => one.entries))];
  if (findings.length === 0 && entries.length === 0)
    findings.push(finding("changesNothing", files[0]?.path ?? "", 0, "no code is changed at the crash"));
  return { entries, findings };
}

function isOwnTest({ ownTest }: AdmissionInput, path: string, before: string | null, after: string | null): boolean {
  return ownTest !== null && before === null && path === ownTest.path && after === ownTest.content;
}

function judgeFile({ path, before, after }: ChangedFile, input: AdmissionInput): Admission {
  const fail = (rule: string, line: number, message: string): Admission => ({
    entries: [],
    findings: [finding(rule, path, line, message)],
  });
  if (before === null) return fail("newFile", 0, "a new file");
  if (after === null) return fail("removedCode", 0, "the file is gone");
  const dialect = dialectOf(path);
  const [old, now] = [parseAny(path, before), parseAny(path, after)];
  if (dialect === null || old === null || now === null)
    return fail("notReadable", 0, "no program here reads the syntax of this file");
  if (faultsIn(now.root) > 0) return fail("notReadable", 0, "the file has syntax that the parser cannot read");
  if (before.includes("\r") !== after.includes("\r") || before.startsWith("\uFEFF") !== after.startsWith("\uFEFF"))
    return fail("changedCode", 0, "line ends or the byte order mark change");
  const directive = changedDirective(commentsIn(old.root, dialect.isComment), commentsIn(now.root, dialect.isComment));
  if (directive !== null)
    return fail("changedDirective", 0, `a comment that tools obey changes: ${directive.slice(0, 80)}`);
  const compared = compareTrees(old.root, now.root, dialect);
  if (compared.kind === "explained") return judgeEdits(compared.edits, { old, now, dialect, input });
  const short = inlineLocals(now, dialect);
  const again = short === now ? compared : compareTrees(old.root, short.root, dialect);
  if (again.kind === "explained") return judgeEdits(again.edits, { old, now: short, dialect, input });
  return unexplained(path, compared.difference, { old, now });
}

function unexplained(path: string, difference: Difference, { old, now }: { old: Source; now: Source }): Admission {
  const node = difference.after ?? difference.before;
  const source = difference.after === null ? old : now;
  const line = node === null ? 0 : lineAt(source, spanOf(node).start);
  const { rule, message } = describeDifference(difference);
  return { entries: [], findings: [finding(rule, path, line, message)] };
}

interface Judged {
  old: Source;
  now: Source;
  dialect: Dialect;
  input: AdmissionInput;
}

function judgeEdits(edits: readonly AdmittedEdit[], { old, now, dialect, input }: Judged): Admission {
  const place = crashPlace(old, input.crash.frames, dialect);
  const roots = [now.root, ...otherRoots(input, old.path, dialect)];
  const findings: Finding[] = [];
  const real = edits.filter((edit) => edit.effect.kind !== "none" || edit.before?.text() !== edit.after.text());
  const atCrash = real.filter((edit) => isAtCrash(edit, place, dialect) || isCalledAtCrash(edit, input, dialect));
  for (const edit of real) {
    const line = lineAt(now, spanOf(edit.after).start);
    const add = (rule: string, message: string) => findings.push(finding(rule, old.path, line, message));
    if (!atCrash.includes(edit) && !atCrash.some((one) => isSameGuard(one, edit, dialect)))
      add("notAtCrash", "the edit is neither at a frame of the exception nor where the crashing value is declared");
    if (edit.effect.kind === "name") {
      const why = whyNotCorrected(edit.effect, {
        message: input.crash.message,
        isKnown: (name) => isKnown(name, old.text, input),
        isPureCall: dialect.isPure,
        isOwnPure: (name) => isOwnPure(now.root, name, dialect),
      });
      if (why !== null) add("changedName", why);
    }
    const opened = failOpen(edit, { dialect, path: old.path, roots });
    if (opened !== null) add(opened.rule, opened.message);
  }
  return { entries: findings.length > 0 ? [] : [...new Set(real.map(({ entry }) => entry))], findings };
}

/** Another place of the same function where the same value is missing: it would be the next crash. */
function isSameGuard(atCrash: AdmittedEdit, edit: AdmittedEdit, dialect: Dialect): boolean {
  const [subjects, others] = [subjectsOf(atCrash), subjectsOf(edit)];
  const [fn, other] = [dialect.functionsAround(atCrash.after)[0], dialect.functionsAround(edit.after)[0]];
  return subjects !== "" && subjects === others && fn !== undefined && other !== undefined && same(fn, other);
}

function subjectsOf({ effect }: AdmittedEdit): string {
  if (effect.kind !== "value" && effect.kind !== "leave") return "";
  return effect.subjects.map((subject) => subject.text().replace(/[\s?!]/g, "")).join();
}

/** Whether a name is a function of this file that only computes, in all of its clauses. */
function isOwnPure(root: SgNode, name: string, dialect: Dialect): boolean {
  const definitions = dialect.definitionsOf(root, name);
  return definitions.length > 0 && definitions.every((fn) => dialect.effectsIn(fn).length === 0);
}

/** A function whose missing result crashed: it is called in the crashing statements, or where their names are declared. */
function isCalledAtCrash(edit: AdmittedEdit, input: AdmissionInput, dialect: Dialect): boolean {
  if (edit.entry !== "addedReturn") return false;
  const [fn] = dialect.functionsAround(edit.after);
  const name = fn === undefined ? null : dialect.calledName(fn);
  if (name === null) return false;
  const called = new RegExp(`(?<![\\p{L}\\p{N}_$])${name.replaceAll("$", "\\$")}\\s*\\(`, "u");
  return input.crash.frames.some(({ file, line }) => {
    const text = input.files.find(({ path }) => path === file)?.before ?? input.others.get(file) ?? "";
    const lines = text.split("\n");
    return called.test(lines.slice(Math.max(0, line - 1 - DECLARED_WITHIN), line).join("\n"));
  });
}

/** The declaration of a crashing value is looked for in this many lines before the crash. */
const DECLARED_WITHIN = 10;

/** The other files in the language of the edited one: only they can call it. */
function otherRoots({ others, files }: AdmissionInput, own: string, dialect: Dialect): SgNode[] {
  // A test calls to look, not to decide.
  const changed = files
    .filter(({ path }) => path !== own && !isTestPath(path))
    .map(({ path, after }) => [path, after ?? ""] as const);
  const texts = new Map([...others, ...changed]);
  texts.delete(own);
  return [...texts].flatMap(([path, text]) => {
    const source = dialectOf(path) === dialect ? parseAny(path, text) : null;
    return source === null ? [] : [source.root];
  });
}

function isKnown(name: string, own: string, { others }: AdmissionInput): boolean {
  const member = /^(?:self|this)\.(.+)$/.exec(name)?.[1]?.replaceAll("$", "\\$");
  if (member !== undefined)
    return new RegExp(
      `\\b(?:self|this)\\.${member}(?![\\w$])|^[ \\t]+(?:(?:static|readonly|public|private|protected)[ \\t]+)*${member}\\s*[=:(;]`,
      "m",
    ).test(own);
  const word = new RegExp(`(?<![\\p{L}\\p{N}_$])${name.replaceAll("$", "\\$")}(?![\\p{L}\\p{N}_$])`, "u");
  return word.test(own) || [...others.values()].some((text) => word.test(text));
}

function finding(rule: string, path: string, line: number, message: string): Finding {
  return { rule, weight: "soft", path, line, message };
}
