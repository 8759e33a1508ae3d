import { z } from "zod";
import type { Fault } from "../domain/errors.ts";
import { secretIn } from "./plainSecrets.ts";
import { factsOf, inner, keysOf, pathText, schemaAt, wordsOf } from "./schemaShape.ts";
import { suggest, unitHint } from "./suggestKey.ts";

/** One fault of the configuration, with its place as a path. */
export interface PlacedFault {
  path: readonly PropertyKey[];
  message: string;
}

/**
 * Turns zod's issues into faults that a person can correct: each says what was given, what is allowed, and what was
 * likely meant.
 */
export function faultsOf(issues: readonly z.core.$ZodIssue[], root: z.ZodType, input: unknown): PlacedFault[] {
  return issues.flatMap((issue) => faultsOfOne(issue, root, input));
}

/** The fault with its path as text, as errors carry it. */
export function asFault({ path, message }: PlacedFault): Fault {
  return { path: pathText(path), message };
}

function faultsOfOne(issue: z.core.$ZodIssue, root: z.ZodType, input: unknown): PlacedFault[] {
  const { path } = issue;
  const schema = schemaAt(root, path, input);
  if (issue.code === "unrecognized_keys") {
    const known = schema === undefined ? [] : [...keysOf(schema, valueAt(input, path)).keys()];
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, known) }));
  }
  if (schema === undefined || issue.code === "custom" || isOwnMessage(issue)) return [{ path, message: issue.message }];
  return [{ path, message: wrongValue(schema, path, valueAt(input, path)) }];
}

/** A regular expression does not explain itself, so the schema brings its own message. */
function isOwnMessage(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_format" && issue.format === "regex";
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = suggest(key, known);
  if (meant !== null) return `unknown key; did you mean ${meant}?`;
  return known.length === 0 || known.length > 12 ? "unknown key" : `unknown key; there are ${known.join(", ")}`;
}

function wrongValue(schema: z.ZodType, path: readonly PropertyKey[], given: unknown): string {
  const allowed = wordsOf(schema);
  if (given === undefined) return `is missing; give ${allowed}`;
  const hint = hintFor(schema, path, given);
  return `give ${allowed}, not ${shown(schema, given)}${hint === null ? "" : `; ${hint}`}`;
}

function hintFor(schema: z.ZodType, path: readonly PropertyKey[], given: unknown): string | null {
  const bare = inner(schema);
  if (bare instanceof z.ZodNumber) return unitHint(String(path.at(-1)), given);
  if (bare instanceof z.ZodBoolean) return given === "true" || given === "false" ? `without quotes: ${given}` : null;
  if (bare instanceof z.ZodArray) return typeof given === "string" ? "in brackets, also when it is one" : null;
  if (!(bare instanceof z.ZodEnum) || typeof given !== "string") return null;
  const meant = suggest(given, bare.options.map(String));
  return meant === null ? null : `did you mean ${meant}?`;
}

/** The given value, shortened, without anything that may be a secret. */
function shown(schema: z.ZodType, given: unknown): string {
  if (given === null) return "null";
  if (Array.isArray(given)) return "a list";
  if (typeof given === "object") return "an object";
  if (typeof given !== "string") return String(given);
  if (given === "") return "an empty text";
  const isSecret = factsOf(schema)?.secret !== undefined || secretIn(given) !== null;
  return isSecret ? "what is there" : JSON.stringify(given.length > 60 ? `${given.slice(0, 60)}…` : given);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    return typeof value === "object" && value !== null && Object.hasOwn(value, key)
      ? (value as Record<PropertyKey, unknown>)[key]
      : undefined;
  }, input);
}
