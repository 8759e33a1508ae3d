import { messageOf } from "../../domain/errors.ts";
import { SandboxGrade } from "../../domain/evidence.ts";
import type { ProcessRunner } from "../../domain/ports/processRunner.ts";
import type { SandboxProbe } from "../../domain/ports/sandbox.ts";
import type { DoctorConfig, Finding } from "./finding.ts";
import { runCheck, succeeded } from "./runCheck.ts";

/** The oldest supported Node.js; the same as `engines` in package.json. */
const NODE_FLOOR = { major: 20, minor: 19 };
const SERVER_TIMEOUT_MS = 3000;

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const good = major > NODE_FLOOR.major || (major === NODE_FLOOR.major && minor >= NODE_FLOOR.minor);
  return good
    ? { mark: "good", what: `Node.js ${version}` }
    : { mark: "bad", what: `Node.js ${version}`, todo: "Install Node.js 20.19 or newer." };
}

/** Checks the native module of the database. It must be built for the same major version of Node.js that loads it. */
export function checkNativeModule(tryIt: () => void, nodeVersion: string): Finding {
  try {
    tryIt();
    return { mark: "good", what: "Database: better-sqlite3 loads" };
  } catch (thrown) {
    return {
      mark: "bad",
      what: `The database module better-sqlite3 does not load under Node.js ${nodeVersion}: ${whyNot(messageOf(thrown))}`,
      todo: "Run npm rebuild better-sqlite3 with this Node.js, where selfheal is installed (in a clone: in the clone).",
    };
  }
}

function whyNot(message: string): string {
  const [built, wanted] = [...message.matchAll(/NODE_MODULE_VERSION (\d+)/g)].map(([, abi]) => abi);
  if (built !== undefined && wanted !== undefined) return `it was built for ABI ${built}, this Node.js has ${wanted}`;
  return message.split("\n")[0] ?? "";
}

export async function checkGit(processes: ProcessRunner): Promise<Finding> {
  const result = await runCheck(processes, "git --version");
  return succeeded(result)
    ? { mark: "good", what: result.stdout.trim() }
    : { mark: "bad", what: "git is missing", todo: "Install git and put it on PATH." };
}

/** Compares the available sandbox with the weakest one from which selfheal may deploy automatically. */
export async function checkSandbox(probe: () => Promise<SandboxProbe>, config: DoctorConfig | null): Promise<Finding> {
  const { grade, checked, weakness } = await probe();
  const wanted = config?.sandboxForAuto ?? "bubblewrap";
  const enough = SandboxGrade.options.indexOf(grade) <= SandboxGrade.options.indexOf(wanted);
  const asked = checked.length === 0 ? "" : ` (refused: ${checked.join(", ")})`;
  if (enough) return { mark: "good", what: `Sandbox: ${grade}${asked}` };
  const [why] = weakness;
  return {
    mark: grade === "none" ? "bad" : "note",
    what: `Sandbox: ${grade}, weaker than ${wanted}: every deployment will ask a person`,
    todo: `${why === undefined ? "" : `Seen: ${why.slice(0, 300)}. `}Install bubblewrap and allow user namespaces (docs/security.md says how, containers included).`,
  };
}

export async function checkServer(fetcher: typeof fetch, url: string, token: string | undefined): Promise<Finding> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const init = { headers, signal: AbortSignal.timeout(SERVER_TIMEOUT_MS) };
  const reply = await fetcher(`${url}/v1/status`, init).catch(() => null);
  if (reply === null) {
    return { mark: "note", what: `No server answers at ${url}`, todo: "Start it with: selfheal serve" };
  }
  if (reply.ok) return { mark: "good", what: `The server at ${url} answers` };
  if (reply.status !== 401) {
    return {
      mark: "bad",
      what: `${url} answers ${reply.status}`,
      todo: "Is it selfheal that listens there? Check --url.",
    };
  }
  const todo =
    "It was shown once, at the server's first start. Give it with --token or SELFHEAL_TOKEN; if it is lost: selfheal serve --new-token";
  return token === undefined
    ? { mark: "note", what: `The server at ${url} answers; no admin token was given`, todo }
    : { mark: "bad", what: `The server at ${url} does not know this token`, todo };
}
