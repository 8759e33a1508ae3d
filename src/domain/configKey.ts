import { z } from "zod";

/** Facts about a configuration key: its documentation, and whether a running process applies a change. */
export interface KeyFacts {
  /** Markdown for the table in docs/configuration.md. */
  description: string;
  /** `live`: a change applies at once. `start`: it applies after a restart. */
  applies: "live" | "start";
  /** Never printed. `whole`: nothing of the value; `url`: the URL without the parts that may contain a token. */
  secret?: "whole" | "url";
}

/** The facts of each key, registered next to its schema. Documentation, reload and printing all read them from here. */
export const configKeys = z.registry<KeyFacts>();

/** A key whose change applies at once, also to work that is in progress. */
export function live(description: string, more: Pick<KeyFacts, "secret"> = {}): KeyFacts {
  return { description, applies: "live", ...more };
}

/** A key whose change applies after a restart. */
export function atStart(description: string, more: Pick<KeyFacts, "secret"> = {}): KeyFacts {
  return { description, applies: "start", ...more };
}
