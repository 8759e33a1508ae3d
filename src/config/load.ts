import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { type Fault, InvalidInputError, messageOf, SelfhealError } from "../domain/errors.ts";
import { type Environment, misspelt, readOverrides, variableOf } from "./environment.ts";
import { asFault, faultsOf, type PlacedFault } from "./faultPlaces.ts";
import { readJsonText } from "./jsonPositions.ts";
import { plainSecrets } from "./plainSecrets.ts";
import { Config } from "./schema.ts";
import { type Path, pathText } from "./schemaShape.ts";

/** Where a value comes from. */
export type Origin =
  | { kind: "default" }
  | { kind: "file"; file: string; line: number }
  | { kind: "environment"; variable: string }
  | { kind: "option"; name: string };

/** The sources of a configuration. Options override the environment, and the environment overrides the file. */
export interface ConfigSources {
  /** A JSON file; paths in it are relative to its folder. Without a file, the defaults apply. */
  file?: string;
  /** Variables named after keys; see `variableOf`. Paths in them are relative to the current folder. */
  env?: Environment;
  /** Command-line options, by key. */
  options?: { port?: number };
}

/** A valid configuration with the origin of its values. */
export interface LoadedConfig {
  config: Config;
  /** The origin of the value at a path. */
  originOf(path: Path): Origin;
  /** Faults that do not prevent a start: secrets in plain text, variables that set nothing. */
  warnings: readonly Fault[];
}

/** Variables that do not set a key of the configuration. */
const OTHER_VARIABLES = [
  "SELFHEAL_URL",
  "SELFHEAL_TOKEN",
  "SELFHEAL_CONFIG",
  "SELFHEAL_LOG",
  "SELFHEAL_EVENT",
  "SELFHEAL_PAUSED",
];

/**
 * Reads file, environment and options, and checks everything at once. Throws InvalidInputError `config` with every
 * fault, each with its path and line. Throws SelfhealError `config` when the file cannot be read.
 */
export function loadConfig({ file, env = {}, options = {} }: ConfigSources): LoadedConfig {
  const { value, lineOf } = file === undefined ? { value: {}, lineOf: () => null } : readFile(file);
  const overrides = readOverrides(Config, env);
  const set = given(options);
  const input = isObject(value) ? { ...value, ...overrides.values, ...set } : value;
  const originOf = (path: Path): Origin => {
    const key = String(path[0]);
    if (Object.hasOwn(set, key)) return { kind: "option", name: `--${key}` };
    if (Object.hasOwn(overrides.values, key)) return { kind: "environment", variable: variableOf(key) };
    const line = lineOf(path);
    return line === null || file === undefined ? { kind: "default" } : { kind: "file", file, line };
  };
  const checked = check(input);
  if (checked.kind === "faulty" || overrides.faults.length > 0) {
    const faults = checked.kind === "faulty" ? checked.faults.map((fault) => located(fault, originOf)) : [];
    throw new InvalidInputError("config", [...overrides.faults, ...faults]);
  }
  const warnings = [...plainSecrets(input), ...misspelt(Config, env, namesIn(checked.config))];
  return { config: resolved(checked.config, file, originOf), originOf, warnings };
}

/**
 * Checks a configuration that does not come from a file. Throws InvalidInputError `config` with every fault and its
 * path.
 */
export function parseConfig(input: unknown): Config {
  const checked = check(input);
  if (checked.kind === "faulty") throw new InvalidInputError("config", checked.faults.map(asFault));
  return Object.freeze(checked.config);
}

function check(input: unknown): { kind: "good"; config: Config } | { kind: "faulty"; faults: PlacedFault[] } {
  const parsed: z.ZodSafeParseResult<Config> = Config.safeParse(input);
  if (!parsed.success) return { kind: "faulty", faults: faultsOf(parsed.error.issues, Config, input) };
  const names = parsed.data.services.map((service) => service.name);
  const faults = names.flatMap((name, i) =>
    names.indexOf(name) < i ? [{ path: ["services", i, "name"], message: `"${name}" is there twice` }] : [],
  );
  return faults.length > 0 ? { kind: "faulty", faults } : { kind: "good", config: parsed.data };
}

/** The fault, with the line in the file, or under the name of the variable or option that set the value. */
function located({ path, message }: PlacedFault, originOf: (path: Path) => Origin): Fault {
  const place = path as Path;
  const origin = originOf(place);
  if (origin.kind === "environment") return { path: origin.variable, message };
  if (origin.kind === "option") return { path: origin.name, message };
  // A missing value has no line, so its parent's line is used.
  const around = origin.kind === "file" ? origin : originOf(place.slice(0, -1));
  return { path: pathText(path), message: around.kind === "file" ? `${message} (line ${around.line})` : message };
}

function readFile(file: string): { value: unknown; lineOf(path: Path): number | null } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new SelfhealError("config", `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
  const json = readJsonText(text);
  if (json.kind === "broken") {
    throw new InvalidInputError(
      "config",
      json.faults.map(({ path, message }) => ({ path: path === "" ? file : path, message })),
    );
  }
  return json;
}

function resolved(config: Config, file: string | undefined, originOf: (path: Path) => Origin): Config {
  const from = file === undefined ? process.cwd() : dirname(resolve(file));
  const { dataDir, killSwitchFile } = config;
  const at = (key: string, path: string) =>
    originOf([key]).kind === "environment" ? resolve(path) : resolve(from, path);
  return Object.freeze({
    ...config,
    dataDir: at("dataDir", dataDir),
    ...(killSwitchFile !== undefined && { killSwitchFile: at("killSwitchFile", killSwitchFile) }),
    services: config.services.map((s) => ({
      ...s,
      repo: resolve(from, s.repo),
      ...(s.sourceMapsDir !== undefined && { sourceMapsDir: resolve(from, s.sourceMapsDir) }),
    })),
  });
}

/** The known variables: the ones above, and those that the configuration itself names. */
function namesIn(config: Config): string[] {
  const named = config.notificationChannels.flatMap((channel) =>
    channel.type === "slack" ? channel.urlEnv : channel.type === "email" ? channel.smtpUrlEnv : [],
  );
  const signed = config.notificationChannels.flatMap((c) => (c.type === "webhook" ? (c.secretEnv ?? []) : []));
  const clients = config.access.signIn.map(({ clientSecretEnv }) => clientSecretEnv);
  return [...OTHER_VARIABLES, ...named, ...signed, ...clients];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function given(options: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
