import { z } from "zod";

/** What a model behind an agent would be sent first for a ticket as it stands. */
export const AgentPrompt = z.object({
  agent: z.enum(["triage", "planner", "coder", "securityReviewer"]),
  /** Name of the model and version of the prompt. */
  brain: z.string(),
  turns: z.array(z.object({ role: z.string(), content: z.string() })),
  /** Names of the tools that it could call. */
  tools: z.array(z.string()),
  /** Why nothing would be sent; null where something is. */
  why: z.string().nullable(),
});
export type AgentPrompt = z.infer<typeof AgentPrompt>;

/** Builds the prompts of every agent, by the agents' own code, and asks no model. */
export type PromptPreview = (ticketId: string, signal: AbortSignal) => Promise<AgentPrompt[]>;
