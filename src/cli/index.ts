#!/usr/bin/env node
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { checkStart, startFaults } from "../composition/startCheck.ts";
import { probeSandbox } from "../composition/tools.ts";
import { explain, loadConfig, readConfig } from "../config/index.ts";
import { DEFAULT_CONFIG, processWorld, serveFrom } from "../main.ts";
import { healOnce } from "../oneShot/heal.ts";
import { replayEvents } from "../oneShot/replay.ts";
import { verifyAuditIn } from "../store/sqlite/audit.ts";
import { tryNativeModule } from "../store/sqlite/sqlite.ts";
import { createProcessRunner } from "../tools/sandbox/processRunner.ts";
import { auditCommand } from "./auditCommands.ts";
import { configCommands } from "./configCommands.ts";
import { demoCommand } from "./demo/command.ts";
import { doctorCommand } from "./doctor/doctorCommand.ts";
import { dsnCommand } from "./dsnCommand.ts";
import { healCommand } from "./healCommand.ts";
import type { Io } from "./io.ts";
import { createProgram, runProgram } from "./program.ts";
import { replayCommand } from "./replayCommand.ts";
import { serveCommand } from "./serveCommand.ts";

const io: Io = { stdout: process.stdout, stderr: process.stderr, env: process.env, fetch };
const processes = createProcessRunner();
const world = processWorld();

const stopped = async () => {
  await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
};

/**
 * Stop signals within this time count as one, because npm and timeout forward the signal that the terminal already
 * sent.
 */
const ONE_REQUEST_MS = 1000;

/** A signal that aborts at the first request to stop. A second request ends the process at once. */
function untilStopped(): AbortSignal {
  const stopping = new AbortController();
  let askedAt = 0;
  const onSignal = () => {
    if (stopping.signal.aborted && world.clock.now() - askedAt > ONE_REQUEST_MS) process.exit(130);
    if (!stopping.signal.aborted) askedAt = world.clock.now();
    stopping.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
  return stopping.signal;
}

const program = createProgram(io, [
  serveCommand({ defaultConfig: DEFAULT_CONFIG, serve: serveFrom, stopped }),
  healCommand({
    processes,
    healOnce: (request) => healOnce(request, { ...world, log: quietly(world.log), signal: untilStopped() }),
  }),
  replayCommand({
    processes,
    replay: (request) => replayEvents(request, { ...world, log: quietly(world.log), signal: untilStopped() }),
  }),
  demoCommand({
    clock: world.clock,
    processes,
    root: fileURLToPath(new URL("../..", import.meta.url)),
    entry: fileURLToPath(import.meta.url),
    untilStopped,
  }),
  auditCommand({ verifyAuditIn }),
  configCommands({
    defaultConfig: DEFAULT_CONFIG,
    explain: (file) => explain(loadConfig({ file, env: process.env })),
    check: (file) => {
      const { config, warnings } = loadConfig({ file, env: process.env });
      checkStart(config, world);
      return warnings;
    },
  }),
  dsnCommand({
    defaultConfig: DEFAULT_CONFIG,
    read: (file) => {
      const { host, port, publicUrl, keys } = readConfig(file, process.env);
      const shown = keys.map(({ key, project, tier }) => ({ key: key ?? null, project, tier }));
      return { url: publicUrl ?? `http://${host}:${port}`, keys: shown };
    },
  }),
  doctorCommand({
    nodeVersion: process.versions.node,
    processes,
    tryNativeModule,
    probeSandbox: () => probeSandbox(processes),
    readConfig: (file) => {
      const config = readConfig(file, process.env);
      return { ...config, startFaults: startFaults(config, world) };
    },
    defaultConfig: DEFAULT_CONFIG,
    verifyAuditIn,
  }),
]);

// The queue of the LangGraph server keeps the event loop alive, so the process exits explicitly.
process.exit(await runProgram(program, process.argv.slice(2), io));

/** A log without info lines: a one-shot Run prints its result on stdout, and logs only warnings and errors. */
function quietly(log: typeof world.log): typeof world.log {
  return { ...log, info: () => undefined };
}
