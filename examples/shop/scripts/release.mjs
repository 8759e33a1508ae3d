import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const STOP_MS = 5000;
const START_MS = 15_000;

/** Copies a checkout to `home/releases/<commit>`, whole or not at all. A release that is there already is used as it is. */
export function keepRelease(home, commit, checkout) {
  const releases = join(home, "releases");
  const release = join(releases, commit);
  if (existsSync(release)) return release;
  mkdirSync(releases, { recursive: true });
  const half = mkdtempSync(join(releases, ".copying-"));
  cpSync(checkout, half, { recursive: true, filter: (source) => ![".git", "node_modules"].includes(basename(source)) });
  renameSync(half, release);
  return release;
}

/** The running server as it announced itself, `{pid, port, commit}`; null when none did. */
export function readServer(home) {
  return readJson(join(home, "server.json"));
}

/** Stops the running server: asks, and after five seconds insists. Resolves when it is gone. */
export async function stopServer(home) {
  const server = readServer(home);
  if (server === null) return;
  const until = Date.now() + STOP_MS;
  signal(server.pid, "SIGTERM");
  // Its file goes when it exits; a process that died without tidying up is found by its pid.
  while (readServer(home) !== null && isAlive(server.pid)) {
    if (Date.now() > until) {
      signal(server.pid, "SIGKILL");
      break;
    }
    await sleep(10);
  }
  rmSync(join(home, "server.json"), { force: true });
}

/** Starts the server of a release, detached, and resolves with its port once it listens. Throws when it does not start. */
export async function startServer(home, release, commit) {
  const settings = readJson(join(home, "settings.json")) ?? {};
  const log = openSync(join(home, "server.log"), "a");
  const child = spawn(process.execPath, ["src/main.js"], {
    cwd: release,
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      SHOP_HOME: home,
      SHOP_COMMIT: commit,
      SHOP_PORT: String(readJson(join(home, "port.json")) ?? 0),
      ...settings.env,
    },
  });
  closeSync(log);
  const timeout = AbortSignal.timeout(START_MS);
  const port = await Promise.race([
    once(child, "message", { signal: timeout }).then(([message]) => message.listening),
    once(child, "exit", { signal: timeout }).then(([code, sig]) => Promise.reject(new Error(`the server ended with ${code ?? sig}`))),
  ]).catch((cause) => {
    child.kill("SIGKILL");
    throw new Error(`release ${commit} does not start: ${cause.message}; see ${join(home, "server.log")}`, { cause });
  });
  child.disconnect();
  child.unref();
  // The next release takes over the same port.
  writeFileSync(join(home, "port.json"), JSON.stringify(port));
  writeFileSync(join(home, "current"), `${commit}\n`);
  return port;
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null; // Absent, or being written: as good as absent.
  }
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
