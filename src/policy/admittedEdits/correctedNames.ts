import type { SgNode } from "@ast-grep/napi";
import { distance } from "fastest-levenshtein";
import { decidingWord, sensitiveWord } from "./decisionWords.ts";
import type { EditEffect } from "./dialect.ts";

type NameEffect = Extract<EditEffect, { kind: "name" }>;

/** What the correction of a name is held against. */
export interface NameEvidence {
  /** The exception's message. */
  message: string;
  /** Whether a name occurs in the files before the change, the corrected place not counted. */
  isKnown(name: string): boolean;
  /** Whether a called name belongs to the language and only computes. */
  isPureCall(node: SgNode): boolean;
  /** Whether a name is a function of the changed file that only computes. */
  isOwnPure(name: string): boolean;
}

/** Why a corrected name needs a person; null: the exception names the old one, and the new one is nearly the same. */
export function whyNotCorrected({ from, to, called, node }: NameEffect, evidence: NameEvidence): string | null {
  const limit = from.length <= 4 ? 1 : 2;
  const isMember = to === `self.${from}` || to === `this.${from}`;
  if (!isMember && from.toLowerCase() !== to.toLowerCase() && distance(from, to) > limit)
    return `${to} is not nearly ${from}`;
  const word = [from, to].map(sensitiveWord).find((found) => found !== null);
  if (word != null) return `the name is about "${word}"`;
  if (!isNamed(from, node, evidence.message)) return `the exception does not name ${from}`;
  if (called) {
    const call = node.ancestors().find((a) => /^call/.test(String(a.kind())));
    if (call !== undefined && evidence.isPureCall(call)) return null;
    const decides = [from, to].map(decidingWord).find((found) => found !== null);
    if (decides != null) return `the name is about "${decides}"`;
    return evidence.isOwnPure(to.replace(/^(?:self|this)\./, ""))
      ? null
      : `it now calls ${to}, which is not known to compute only`;
  }
  return evidence.isKnown(to) ? null : `${to} is used nowhere else in these files`;
}

/** The exception names the old name, or the property that was read from it (`reading 'city'` of `user.adress.city`). */
function isNamed(from: string, node: SgNode, message: string): boolean {
  const names = new Set(message.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []);
  if (names.has(from)) return true;
  const read = node.parent()?.parent()?.field("property")?.text() ?? "";
  return read !== "" && new RegExp(`\\(reading '${read.replace(/[$]/g, "\\$")}'\\)`).test(message);
}
