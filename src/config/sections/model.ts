import { z } from "zod";
import { atStart, configKeys } from "../../domain/configKey.ts";
import { atLeastOne, count } from "./numbers.ts";

/** The endpoint of the models, and the limits of the agents that use them (docs/models.md). */
export const ModelConfig = z.strictObject({
  baseUrl: z
    .string()
    .url()
    .optional()
    .register(
      configKeys,
      atStart("any OpenAI-compatible endpoint; default: `OPENAI_BASE_URL`, else OpenAI's", { secret: "url" }),
    ),
  name: z.string().min(1).default("gpt-5-mini").register(configKeys, atStart("the model's name at that endpoint")),
  perAgent: z
    .partialRecord(z.enum(["triage", "planner", "coder", "securityReviewer"]), z.string().min(1))
    .default({})
    .register(configKeys, atStart("another model for single agents: `triage`, `planner`, `coder`, `securityReviewer`")),
  structuredOutput: z
    .enum(["jsonSchema", "functionCalling", "jsonMode", "text"])
    .default("jsonSchema")
    .register(
      configKeys,
      atStart(
        "servers without strict JSON schema need `functionCalling` or `jsonMode`; `text`: the schema is in the prompt, and nothing else is asked of the server",
      ),
    ),
  toolCalls: z
    .enum(["native", "text"])
    .default("native")
    .register(
      configKeys,
      atStart("`text`: for models without tool calls; tools are described in the prompt, calls read out of the reply"),
    ),
  timeoutMs: atLeastOne().default(60_000).register(configKeys, atStart("how long one call may take")),
  maxRetries: z.number().int().min(0).max(5).default(1).register(configKeys, atStart("further tries of a failed call")),
  maxToolCalls: atLeastOne()
    .default(40)
    .register(configKeys, atStart("how often the coder may use its tools in one Attempt")),
  maxCodingMs: atLeastOne()
    .default(600_000)
    .register(configKeys, atStart("how long the coder may work in one Attempt")),
  maxCandidates: z
    .number()
    .int()
    .min(1)
    .max(10)
    .default(3)
    .register(configKeys, atStart("how often the coder may begin anew, on a clean tree, in one Attempt")),
  compareCandidates: z
    .number()
    .int()
    .min(1)
    .max(5)
    .default(1)
    .register(
      configKeys,
      atStart("how many patches that pass are made before one is chosen; two that behave differently mean silence"),
    ),
  requireReproduction: z
    .boolean()
    .default(true)
    .register(configKeys, atStart("false: a model may also propose where nothing makes the exception happen again")),
  writeTests: z
    .boolean()
    .default(true)
    .register(
      configKeys,
      atStart("where no reproduction is given or found, the model writes one first (docs/reproductions.md)"),
    ),
  maxPromptTokens: count()
    .default(0)
    .register(configKeys, atStart("the most that one request may hold, for models with short contexts; 0: any size")),
  maxToolOutput: z
    .number()
    .int()
    .min(500)
    .max(40_000)
    .default(8000)
    .register(configKeys, atStart("characters of one tool's answer; what is longer is cut")),
});
