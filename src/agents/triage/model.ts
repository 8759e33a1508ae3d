import { z } from "zod";
import type { ChatModel } from "../../domain/ports/chatModel.ts";
import { Severity } from "../../domain/ticket.ts";
import { type ContextBudget, charactersIn } from "../prompting/contextBudget.ts";
import { createQuoter, type Nonce, oneLine, randomNonce } from "../prompting/untrustedText.ts";
import type { IssueView, TriageBrain, TriageGroup } from "./contract.ts";
import { systemPrompt, userPrompt, version } from "./prompt.ts";
import { groupByRules, rankOf, severityOfAll } from "./rules.ts";

/** Maximum number of Issues that the model is shown; rules group the rest. */
const MAX_ISSUES = 100;
/** Characters that one Issue takes of the prompt at most, with its part of the answer. */
const CHARACTERS_AN_ISSUE = 2200;

const Reply = z.object({
  groups: z.array(
    z.object({
      issues: z.array(z.number().int()).min(1),
      severity: Severity,
      title: z.string(),
      rootCause: z.string(),
    }),
  ),
});
type Reply = z.infer<typeof Reply>;

/**
 * Groups with a model. A reply with an unknown index, or with one index twice, is rejected. Issues that it leaves out
 * are grouped by rules. Throws ModelError.
 */
export function createModelTriage(deps: {
  model: ChatModel;
  contextBudget?: ContextBudget;
  nonce?: Nonce;
}): TriageBrain {
  const { model, contextBudget, nonce = randomNonce } = deps;
  return {
    name: `model:${model.name}@${version}`,
    async triage(issues, signal) {
      const quoter = createQuoter(nonce());
      const left =
        contextBudget === undefined
          ? Number.POSITIVE_INFINITY
          : charactersIn(contextBudget) - systemPrompt(quoter).length;
      const shown = issues.slice(0, Math.min(MAX_ISSUES, Math.max(1, Math.floor(left / CHARACTERS_AN_ISSUE))));
      const { value, usage } = await model.structured({
        turns: [
          { role: "system", content: systemPrompt(quoter) },
          { role: "user", content: userPrompt(shown, quoter) },
        ],
        schema: replyAbout(shown),
        schemaName: "groups",
        signal,
      });
      const groups = [...value.groups.map((group) => checked(group, shown)), ...forgotten(value, issues)];
      return {
        groups: groups.sort((a, b) => rankOf(a.severity) - rankOf(b.severity)),
        tokens: usage.inputTokens + usage.outputTokens,
      };
    },
  };
}

function replyAbout(issues: readonly IssueView[]): z.ZodType<Reply> {
  const known = new Set(issues.map((issue) => issue.index));
  return Reply.superRefine(({ groups }, context) => {
    const used = new Set<number>();
    for (const [g, group] of groups.entries()) {
      for (const [i, index] of group.issues.entries()) {
        const path = ["groups", g, "issues", i];
        if (!known.has(index)) context.addIssue({ code: "custom", path, message: `there is no Issue ${index}` });
        else if (used.has(index)) context.addIssue({ code: "custom", path, message: `Issue ${index} is there twice` });
        used.add(index);
      }
    }
  });
}

function checked(group: Reply["groups"][number], issues: readonly IssueView[]): TriageGroup {
  const members = issues.filter((issue) => group.issues.includes(issue.index));
  return {
    issues: group.issues,
    severity: boundSeverity(group.severity, severityOfAll(members)),
    title: oneLine(group.title, 200) || oneLine(members[0]?.title ?? "", 200),
    rootCause: oneLine(group.rootCause, 1000),
  };
}

function forgotten(reply: Reply, issues: readonly IssueView[]): TriageGroup[] {
  const used = new Set(reply.groups.flatMap((group) => group.issues));
  return groupByRules(issues.filter((issue) => !used.has(issue.index)));
}

/** The highest severity that a model may give, by the severity that the rules give. */
const CEILING: Readonly<Record<Severity, Severity>> = {
  critical: "critical",
  high: "critical",
  medium: "medium",
  low: "medium",
};

/**
 * Limits a model's severity: never below the rules, and at most one step above them. Never from medium to high, since
 * high is what deploys by itself under the default policy, and a model's claim about its own result opens nothing.
 */
export function boundSeverity(said: Severity, byRules: Severity): Severity {
  const rank = Math.max(rankOf(CEILING[byRules]), Math.min(rankOf(byRules), rankOf(said)));
  return Severity.options[rank] ?? byRules;
}
