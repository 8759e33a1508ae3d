import { oneLine, type Quoter } from "../prompting/untrustedText.ts";
import type { IssueView } from "./contract.ts";

/**
 * Increase it with every change of the texts below. It is part of the brain's name, so that a receipt shows which
 * wording was used.
 */
export const version = "triage-2";

const SYSTEM = `You group problems of a running program by root cause. You are given a list of Issues; each has an index.
Two Issues belong together only when one change of the code, or one repair of one outside resource, would end both.
"origin: service X" says that the innermost exception of the distributed trace was thrown in that other service.
When in doubt keep them apart: a wrong merge hides a bug, a wrong split costs a little work.
Put every index into exactly one group. Give each group a short title and one sentence on the root cause, in plain words.
Severity: critical (the process dies, or it happens all the time), high (not caught, or often), medium (caught error), low (warning).`;

export function systemPrompt(quoter: Quoter): string {
  return `${SYSTEM}\n${quoter.notice}`;
}

/** The message to the model that groups: facts by selfheal, texts of Issues quoted. */
export function userPrompt(issues: readonly IssueView[], quoter: Quoter): string {
  const list = issues.map((issue) => {
    const facts = `level ${issue.level}${issue.unhandled ? ", not caught" : ""}, seen ${issue.count} times, ${issue.ratePerMinute.toFixed(1)} a minute`;
    const frames = issue.frames.slice(0, 5).map((frame) => oneLine(frame, 160));
    const text = [
      `title: ${oneLine(issue.title, 200)}`,
      `culprit: ${oneLine(issue.culprit, 160)}`,
      `innermost cause: ${oneLine(issue.innermost, 80)}`,
      `frames: ${frames.join(" < ")}`,
      ...(issue.originService === undefined ? [] : [`origin: service ${oneLine(issue.originService, 80)}`]),
    ];
    return `Issue ${issue.index}: ${facts}\n${quoter.quote(`issue ${issue.index}`, text.join("\n"), 1500)}`;
  });
  return `${issues.length} Issues:\n\n${list.join("\n\n")}`;
}
