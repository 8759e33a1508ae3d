import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { Config } from "./schema.ts";
import { factsOf, inner, type Path, pathText } from "./schemaShape.ts";

/** What a new configuration changes: what holds at once, and what waits for a restart. Paths as text. */
export interface ConfigChange {
  changed: string[];
  needsRestart: string[];
}

/** The configuration of a running process. */
export interface LiveConfig {
  /** Reads as it holds now. Read a key when it is needed; a copy stays as it was. */
  config: Config;
  /** Takes over what a running process may take; the rest keeps its value. */
  apply(next: Config): ConfigChange;
  /** Called after each change. */
  subscribe(listener: (config: Config) => void): void;
}

/** Keys marked `live` in the schema follow what is applied; keys marked `start` never change. */
export function createLiveConfig(first: Config): LiveConfig {
  let current = first;
  const listeners: ((config: Config) => void)[] = [];
  const config = view(() => current, Config) as Config;
  return {
    config,
    apply(next) {
      const change: ConfigChange = { changed: [], needsRestart: [] };
      current = Object.freeze(merged(Config, current, next, [], change) as Config);
      if (change.changed.length > 0) for (const listener of listeners) listener(config);
      return change;
    },
    subscribe: (listener) => void listeners.push(listener),
  };
}

/** An object with the keys of the schema, each of which is looked up when it is read. */
function view(get: () => unknown, schema: z.ZodObject): object {
  const object = {};
  for (const [key, below] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
    const value = () => (get() as Record<string, unknown>)[key];
    const bare = inner(below);
    const nested = bare instanceof z.ZodObject ? view(value, bare) : null;
    Object.defineProperty(object, key, { enumerable: true, get: () => nested ?? value() });
  }
  return object;
}

function merged(schema: z.ZodType, now: unknown, next: unknown, path: Path, change: ConfigChange): unknown {
  if (isDeepStrictEqual(now, next)) return now;
  const bare = inner(schema);
  if (path[0] === "services" && path.length === 1) return mergedServices(bare, now, next, change);
  if (bare instanceof z.ZodObject && isObject(now) && isObject(next)) {
    const entries = Object.entries(bare.shape as Record<string, z.ZodType>).map(([key, below]) => [
      key,
      merged(below, now[key], next[key], [...path, key], change),
    ]);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }
  const isLive = factsOf(schema)?.applies === "live";
  change[isLive ? "changed" : "needsRestart"].push(pathText(path));
  return isLive ? next : now;
}

/** Services are told apart by their names. One that comes or goes does so at the next start. */
function mergedServices(list: z.ZodType, now: unknown, next: unknown, change: ConfigChange): unknown {
  const [before, after] = [now as Config["services"], next as Config["services"]];
  const element = (list as z.ZodArray).element as z.ZodType;
  for (const { name } of after) {
    if (!before.some((service) => service.name === name)) change.needsRestart.push(`services "${name}"`);
  }
  return before.map((service) => {
    const other = after.find(({ name }) => name === service.name);
    if (other !== undefined) return merged(element, service, other, [`services "${service.name}"`], change);
    change.needsRestart.push(`services "${service.name}"`);
    return service;
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
