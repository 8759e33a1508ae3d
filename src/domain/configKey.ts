import { z } from "zod";

/** What is known about a key of the configuration: its documentation, and whether a running process takes a change. */
export interface KeyFacts {
  /** For the table in docs/configuration.md; markdown. */
  description: string;
  /** `live`: a change holds at once. `start`: it holds after a restart. */
  applies: "live" | "start";
  /** Never shown: `whole` not at all, `url` without what may hold a token. */
  secret?: "whole" | "url";
}

/** The facts of each key, held beside its schema so that documentation, reload and printing share one truth. */
export const configKeys = z.registry<KeyFacts>();

/** A key whose change holds at once, also for work under way. */
export function live(description: string, more: Pick<KeyFacts, "secret"> = {}): KeyFacts {
  return { description, applies: "live", ...more };
}

/** A key whose change holds after a restart. */
export function atStart(description: string, more: Pick<KeyFacts, "secret"> = {}): KeyFacts {
  return { description, applies: "start", ...more };
}
