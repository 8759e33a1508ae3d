import { existsSync } from "node:fs";
import pino from "pino";
import { compose, type System, type World } from "./composition/compose.ts";
import { checkStart } from "./composition/startCheck.ts";
import { createReloader, loadConfig } from "./config/index.ts";
import { sameSecret } from "./dashboard/access/adminToken.ts";
import type { Log } from "./domain/ports/log.ts";
import { createApiStarter } from "./graph/apiHost.ts";
import { startNotifications } from "./server/sendNotifications.ts";
import { type RunningServer, startServer } from "./server/server.ts";

/** The configuration file when none is named. */
export const DEFAULT_CONFIG = "selfheal.config.json";

let running: Promise<System> | undefined;

/** The world of this process: its clock, its log on stderr, its environment. */
export function processWorld(): World {
  return {
    clock: { now: () => Date.now() },
    log: createLog(),
    paused: isOn(process.env.SELFHEAL_PAUSED),
    secretOf: (name) => process.env[name],
    secrets: { apiKey: process.env.OPENAI_API_KEY, baseUrl: process.env.OPENAI_BASE_URL },
  };
}

/**
 * Whether a kill switch variable is on: every value except an empty one, `0`, `false`, `no` and `off`. A person who
 * sets a kill switch wants it on.
 */
function isOn(text: string | undefined): boolean {
  return text !== undefined && !/^(?:|0|false|no|off)$/i.test(text.trim());
}

/**
 * Opens the system of a configuration file and serves it. Throws InvalidInputError `config` for a faulty configuration,
 * and SelfhealError `config` when the file cannot be read.
 */
export async function serveFrom(
  options: { configFile: string; port?: number; newToken?: boolean },
  world = processWorld(),
): Promise<RunningServer> {
  // The LangGraph server logs every request at its default level. It reads this variable when it is loaded, which is
  // later.
  process.env.LOG_LEVEL ??= "warn";
  const { configFile: file, port, newToken = false } = options;
  const load = () => loadConfig({ file, env: process.env, options: port === undefined ? {} : { port } });
  const { config, warnings } = load();
  if (world.brains === undefined) checkStart(config, world);
  for (const { path, message } of warnings) world.log.warn(`configuration: ${path} ${message}`);
  running = compose(config, world);
  const system = await running;
  const reloader = createReloader({ live: system.live, load, audit: system.stores.audit, log: system.log });
  const server = await startServer(system, reloader.reload, { newToken });
  const unwatch = reloading(reloader, file);
  return {
    ...server,
    close: () => {
      unwatch();
      return server.close();
    },
  };
}

/** Reads the configuration again on SIGHUP and when the file changes, until the returned function is called. */
function reloading(reloader: ReturnType<typeof createReloader>, file: string): () => void {
  const unwatch = reloader.watch(file);
  const onHangUp = () => void reloader.reload("system");
  process.on("SIGHUP", onHangUp);
  return () => {
    unwatch();
    process.off("SIGHUP", onHangUp);
  };
}

/**
 * The system that the graph runs on: the one of this process or, in `langgraphjs dev`, one that is opened from the
 * current folder.
 */
export function systemForGraph(): Promise<System> {
  running ??= openHere();
  return running;
}

/**
 * Whether a caller with this token may use the API of `langgraphjs dev`. Every caller may while SELFHEAL_TOKEN is not
 * set.
 */
export function mayUseDev(presented: string | null): boolean {
  const wanted = process.env.SELFHEAL_TOKEN;
  return wanted === undefined || wanted === "" || (presented !== null && sameSecret(presented, wanted));
}

async function openHere(): Promise<System> {
  const system = await compose(configHere(), processWorld());
  system.runBy(createApiStarter(system.stores.tickets, process.env.SELFHEAL_TOKEN));
  startNotifications(system);
  return system;
}

function configHere() {
  const file = process.env.SELFHEAL_CONFIG ?? DEFAULT_CONFIG;
  return loadConfig({ ...(existsSync(file) && { file }), env: process.env }).config;
}

function createLog(): Log {
  const logger = pino({ level: process.env.SELFHEAL_LOG ?? "info", base: null }, pino.destination(2));
  return {
    info: (message, facts) => logger.info(facts ?? {}, message),
    warn: (message, facts) => logger.warn(facts ?? {}, message),
    error: (message, facts) => logger.error(facts ?? {}, message),
  };
}
