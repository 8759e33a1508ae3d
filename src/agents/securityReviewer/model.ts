import { z } from "zod";
import type { Finding } from "../../domain/evidence.ts";
import { ModelError } from "../../domain/modelError.ts";
import { describeDiff } from "../../domain/patch.ts";
import type { ChatModel } from "../../domain/ports/chatModel.ts";
import { createQuoter, type Nonce, oneLine, randomNonce } from "../prompting/untrustedText.ts";
import type { ReviewerBrain, ReviewInput } from "./contract.ts";
import { systemPrompt, userPrompt, version } from "./prompt.ts";

/** Characters. A longer diff is not reviewed in part: what was not read does not count as clean. */
const MAX_DIFF = 60_000;

const Reply = z.object({
  findings: z
    .array(z.object({ rule: z.string(), path: z.string(), line: z.number().int().min(0), message: z.string() }))
    .max(20),
});
type Reply = z.infer<typeof Reply>;

/**
 * Reviews with a model, which can only add findings that send the diff to a person; it clears nothing. If the model
 * cannot be asked, or its reply is invalid, the review names it as unavailable.
 */
export function createModelReviewer(deps: { model: ChatModel; nonce?: Nonce }): ReviewerBrain {
  const { model, nonce = randomNonce } = deps;
  return {
    name: `model:${model.name}@${version}`,
    async review(input) {
      if (input.diff.length > MAX_DIFF) return { findings: [], unavailable: ["model"], tokens: 0 };
      try {
        const { value, usage } = await ask(model, input, nonce());
        const findings = value.findings.map((found) => findingOf(found));
        return { findings, unavailable: [], tokens: usage.inputTokens + usage.outputTokens };
      } catch (error) {
        if (!(error instanceof ModelError) || error.code === "model.aborted") throw error;
        const { inputTokens, outputTokens } = error.usage;
        return { findings: [], unavailable: ["model"], tokens: inputTokens + outputTokens };
      }
    },
  };
}

function ask(model: ChatModel, { diff, evidence, signal }: ReviewInput, nonce: string) {
  const quoter = createQuoter(nonce);
  const { files } = describeDiff(diff);
  const schema: z.ZodType<Reply> = Reply.superRefine(({ findings }, context) => {
    for (const [i, { path }] of findings.entries()) {
      if (files.includes(path)) continue;
      const message = `${oneLine(path, 120)} is not in the diff`;
      context.addIssue({ code: "custom", path: ["findings", i, "path"], message });
    }
  });
  return model.structured({
    turns: [
      { role: "system", content: systemPrompt(quoter) },
      // Twice the length: invisible characters take more space once they are shown.
      { role: "user", content: userPrompt(diff, evidence, quoter, 2 * MAX_DIFF) },
    ],
    schema,
    schemaName: "review",
    signal,
  });
}

/** Always soft: a model alone neither clears nor refuses. */
function findingOf(found: Reply["findings"][number]): Finding {
  return {
    rule: `model:${oneLine(found.rule, 60).replace(/[^\w-]+/g, "-") || "finding"}`,
    weight: "soft",
    path: found.path,
    line: found.line,
    message: oneLine(found.message, 400),
  };
}
