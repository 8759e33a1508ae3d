import { z } from "zod";
import type { LoadedConfig, Origin } from "./load.ts";
import { secretIn } from "./plainSecrets.ts";
import { Config } from "./schema.ts";
import { factsOf, inner, keysOf, type Path, pathText } from "./schemaShape.ts";

/** One effective value and its origin. Secrets are masked. */
export interface ExplainedKey {
  path: string;
  value: unknown;
  /** `default`, `selfheal.config.json:12`, `SELFHEAL_PORT` or `--port`. */
  from: string;
}

const MASK = "•••";

/** Lists every effective value of the configuration. */
export function explain(loaded: LoadedConfig): ExplainedKey[] {
  return rows(loaded, Config, loaded.config, []);
}

function rows(loaded: LoadedConfig, schema: z.ZodType, value: unknown, path: Path): ExplainedKey[] {
  if (value === undefined) return [];
  const bare = inner(schema);
  const keys = bare instanceof z.ZodRecord ? new Map<string, z.ZodType>() : keysOf(bare, value);
  if (keys.size > 0) {
    const of = value as Record<string, unknown>;
    return [...keys].flatMap(([key, below]) => rows(loaded, below, of[key], [...path, key]));
  }
  if (Array.isArray(value) && value.some((entry) => typeof entry === "object")) {
    const element = (bare as z.ZodArray).element as z.ZodType;
    return value.flatMap((entry, i) => rows(loaded, element, entry, [...path, i]));
  }
  return [{ path: pathText(path), value: masked(schema, value), from: originText(loaded.originOf(path)) }];
}

function masked(schema: z.ZodType, value: unknown): unknown {
  const { secret } = factsOf(schema) ?? {};
  if (secret === "whole") return MASK;
  if (typeof value !== "string") return value;
  if (secret === "url" && URL.canParse(value)) return withoutTokens(value);
  return secretIn(value) === null ? value : MASK;
}

/** Keeps only protocol and host: a token may be in the user, the path or the query. */
function withoutTokens(url: string): string {
  const { protocol, host, pathname, search, username } = new URL(url);
  const bare = pathname === "/" && search === "" && username === "";
  return bare ? url : `${protocol}//${host}/${MASK}`;
}

function originText(origin: Origin): string {
  switch (origin.kind) {
    case "default":
      return "default";
    case "file":
      return `${origin.file}:${origin.line}`;
    case "environment":
      return origin.variable;
    case "option":
      return origin.name;
  }
}
