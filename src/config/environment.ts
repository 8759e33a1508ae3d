import { z } from "zod";
import type { Fault } from "../domain/errors.ts";
import { inner, wordsOf } from "./schemaShape.ts";
import { suggest } from "./suggestKey.ts";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable of a key: `maxAutoDeploysPerHour` → `SELFHEAL_MAX_AUTO_DEPLOYS_PER_HOUR`. */
export function variableOf(key: string): string {
  return `SELFHEAL_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The keys that a variable may set: top-level keys whose value is a single string, number, boolean or enum value. */
export function overridable(root: z.ZodObject): Map<string, z.ZodType> {
  return new Map(
    Object.entries(root.shape as Record<string, z.ZodType>).filter(([, schema]) => {
      const bare = inner(schema);
      return [z.ZodString, z.ZodURL, z.ZodNumber, z.ZodBoolean, z.ZodEnum].some((type) => bare instanceof type);
    }),
  );
}

/**
 * The values that the environment sets, by key. Numbers and booleans are parsed; nothing else is checked yet. An empty
 * variable sets nothing.
 */
export function readOverrides(
  root: z.ZodObject,
  env: Environment,
): { values: Record<string, unknown>; faults: Fault[] } {
  const values: Record<string, unknown> = {};
  const faults: Fault[] = [];
  for (const [key, schema] of overridable(root)) {
    const text = env[variableOf(key)]?.trim();
    if (text === undefined || text === "") continue;
    const value = typed(schema, text);
    if (value === undefined) faults.push({ path: variableOf(key), message: `give ${wordsOf(schema)}, not "${text}"` });
    else values[key] = value;
  }
  return { values, faults };
}

function typed(schema: z.ZodType, text: string): unknown {
  const bare = inner(schema);
  if (bare instanceof z.ZodNumber) return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  if (bare instanceof z.ZodBoolean) return text === "true" ? true : text === "false" ? false : undefined;
  return text;
}

/** Variables that look like one of ours but are unknown: a misspelt SELFHEAL_AUTONMY would silently change nothing. */
export function misspelt(root: z.ZodObject, env: Environment, others: readonly string[]): Fault[] {
  const known = [...[...overridable(root).keys()].map(variableOf), ...others];
  return Object.keys(env).flatMap((name) => {
    if (!name.startsWith("SELFHEAL_") || known.includes(name)) return [];
    const meant = suggest(
      name.slice(9),
      known.map((one) => one.slice(9)),
    );
    return meant === null ? [] : [{ path: name, message: `sets nothing; did you mean SELFHEAL_${meant}?` }];
  });
}
