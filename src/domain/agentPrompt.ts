import { z } from "zod";

/** The first prompt that an agent would send to its model for a ticket in its current state. */
export const AgentPrompt = z.object({
  agent: z.enum(["triage", "planner", "coder", "securityReviewer"]),
  /** Name of the model and version of the prompt. */
  brain: z.string(),
  turns: z.array(z.object({ role: z.string(), content: z.string() })),
  /** Names of the tools that the model could call. */
  tools: z.array(z.string()),
  /** Why the agent would send nothing; null when it would send this prompt. */
  why: z.string().nullable(),
});
export type AgentPrompt = z.infer<typeof AgentPrompt>;

/** Builds the prompts of every agent with the agents' own code. Calls no model. */
export type PromptPreview = (ticketId: string, signal: AbortSignal) => Promise<AgentPrompt[]>;
