import { existsSync } from "node:fs";
import { mkdtemp, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { AuditCheck } from "../../domain/auditChain.ts";
import type { Fault } from "../../domain/errors.ts";
import { InvalidInputError, messageOf } from "../../domain/errors.ts";
import type { ProcessRunner } from "../../domain/ports/processRunner.ts";
import type { Service } from "../../domain/service.ts";
import type { DoctorConfig, Finding } from "./finding.ts";
import { runCheck, succeeded } from "./runCheck.ts";

/** Reads the configuration; null if it has faults, with one finding per fault. */
export function readConfiguration(
  file: string,
  read: (file: string) => DoctorConfig,
): { config: DoctorConfig | null; findings: Finding[] } {
  try {
    const config = read(file);
    const services = config.services.length;
    const none: Finding = {
      mark: "note",
      what: "No service is configured",
      todo: `Add one under "services" in ${file}.`,
    };
    return {
      config,
      findings: [...started(file, config.startFaults), ...(services === 0 ? [none] : [])],
    };
  } catch (thrown) {
    const faults = thrown instanceof InvalidInputError ? thrown.faults : [{ path: "", message: messageOf(thrown) }];
    const todo = "Make or correct it; docs/configuration.md lists every key.";
    return { config: null, findings: faults.map((fault) => faulty(file, fault, todo)) };
  }
}

/** Faults of this environment: a valid file may name something that does not exist here. */
function started(file: string, faults: readonly Fault[]): Finding[] {
  // checkModel reports the fault of `brain`, with advice.
  const others = faults.filter(({ path }) => path !== "brain");
  if (others.length === 0) return [{ mark: "good", what: `Configuration ${file}` }];
  const todo = "Set it where the server starts, or change the key: the server would not start.";
  return others.map((fault) => faulty(file, fault, todo));
}

function faulty(file: string, { path, message }: Fault, todo: string): Finding {
  return { mark: "bad", what: `Configuration ${file}: ${path === "" ? message : `${path}: ${message}`}`, todo };
}

/** Checks each service's repository, branch and test command. */
export async function checkServices(services: readonly Service[], processes: ProcessRunner): Promise<Finding[]> {
  const checks = services.map(async (service) => [await checkRepository(service, processes), checkTests(service)]);
  return (await Promise.all(checks)).flat();
}

async function checkRepository(service: Service, processes: ProcessRunner): Promise<Finding> {
  const { name, repo, branch } = service;
  const env = { REPO: repo, BRANCH: branch };
  // The repository may belong to somebody else, so git must not run its hooks or its fsmonitor.
  const git = 'git -c core.fsmonitor=false -c core.hooksPath=/dev/null -c safe.directory="*" -C "$REPO"';
  if (!succeeded(await runCheck(processes, `${git} rev-parse --git-dir`, env))) {
    return {
      mark: "bad",
      what: `${name}: ${repo} is no readable git repository`,
      todo: `Correct services "${name}".repo.`,
    };
  }
  const head = await runCheck(processes, `${git} rev-parse --verify --quiet "refs/heads/$BRANCH^{commit}"`, env);
  return succeeded(head)
    ? { mark: "good", what: `${name}: branch ${branch} at ${head.stdout.trim().slice(0, 8)}` }
    : {
        mark: "bad",
        what: `${name}: there is no branch ${branch} in ${repo}`,
        todo: `Correct services "${name}".branch.`,
      };
}

function checkTests({ name, testCommand }: Service): Finding {
  return testCommand === undefined
    ? {
        mark: "note",
        what: `${name}: no test command, so no patch can earn E1 and every deployment asks a person`,
        todo: `Set services "${name}".testCommand, e.g. "npm test".`,
      }
    : { mark: "good", what: `${name}: tests run with ${testCommand}` };
}

/** Creates and removes a folder. Permission bits alone do not show whether this works (read-only mounts, root). */
export async function checkDataDir(dataDir: string): Promise<Finding> {
  try {
    await rmdir(await mkdtemp(join(await nearestFolder(resolve(dataDir)), ".selfheal-doctor-")));
    return { mark: "good", what: `Data folder ${dataDir} can be written` };
  } catch (thrown) {
    return {
      mark: "bad",
      what: `Data folder ${dataDir} cannot be written: ${messageOf(thrown)}`,
      todo: "Set dataDir to a folder that this user may write.",
    };
  }
}

/** Verifies the audit log. A data folder that was never used has no log yet. */
export async function checkAuditLog(
  dataDir: string,
  verify: (dataDir: string) => Promise<AuditCheck>,
): Promise<Finding> {
  const none: Finding = { mark: "good", what: "Audit log: none yet" };
  if (!existsSync(join(dataDir, "selfheal.sqlite"))) return none;
  const todo =
    "Somebody or something changed the log. Keep the data folder, and compare it with an export (docs/audit.md).";
  try {
    const check = await verify(dataDir);
    if (check.kind === "ok")
      return { mark: "good", what: `Audit log: ${check.entries} entries, head ${check.head.slice(0, 12)}…` };
    return { mark: "bad", what: `Audit log: broken at entry ${check.sequence}: ${check.reason}`, todo };
  } catch (thrown) {
    return { mark: "bad", what: `Audit log: ${messageOf(thrown)}`, todo };
  }
}

/** The folder itself, or the nearest existing parent folder. */
async function nearestFolder(path: string): Promise<string> {
  const there = await stat(path).catch(() => null);
  if (there !== null || path === dirname(path)) return path;
  return nearestFolder(dirname(path));
}

/** Checks that a brain with a model has an endpoint or a key. */
export function checkModel(config: DoctorConfig, env: Readonly<Record<string, string | undefined>>): Finding {
  if (config.brain === "rules") return { mark: "good", what: "Brain: rules only, no model needed" };
  const endpoint = config.model.baseUrl ?? env.OPENAI_BASE_URL;
  const key = (env.OPENAI_API_KEY ?? "") !== "";
  if (key || endpoint !== undefined) {
    return { mark: "good", what: `Brain: ${config.brain}, endpoint ${endpoint ?? "the library's default"}` };
  }
  return {
    mark: "bad",
    what: `Brain: ${config.brain}, but no model endpoint is configured`,
    todo: 'Set OPENAI_API_KEY (and OPENAI_BASE_URL for another endpoint), or "brain": "rules".',
  };
}
