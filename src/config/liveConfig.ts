import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { Config } from "./schema.ts";
import { factsOf, inner, type Path, pathText } from "./schemaShape.ts";

/**
 * The keys that a new configuration changes: those that apply at once, and those that need a restart. Paths as text.
 */
export interface ConfigChange {
  changed: string[];
  needsRestart: string[];
}

/** The configuration of a running process. */
export interface LiveConfig {
  /** Always reads the current values. Read a key when it is needed: a copy does not change. */
  config: Config;
  /** Applies the keys that a running process may change; the others keep their value. */
  apply(next: Config): ConfigChange;
  /** The listener is called after each change of a live key. */
  subscribe(listener: (config: Config) => void): void;
}

/**
 * Creates a configuration whose `live` keys follow `apply`. Keys marked `start` in the schema never change.
 *
 * @example
 * const live = createLiveConfig(config);
 * const { needsRestart } = live.apply(next); // live.config now reads the new values of all `live` keys
 */
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

/** An object with the schema's keys, each with a getter that reads the current value. */
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

/** Services are matched by name. An added or removed service applies after a restart. */
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
