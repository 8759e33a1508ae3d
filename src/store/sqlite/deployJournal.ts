import { Deployment } from "../../domain/deployment.ts";
import { SelfhealError } from "../../domain/errors.ts";
import { uuidFrom } from "../../domain/ids.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { DeployGrant, DeployJournal, DeployLimits } from "../../domain/ports/deployJournal.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { readStored } from "./storedJson.ts";

type State = Deployment["state"];
type Wanted = Parameters<DeployJournal["intend"]>[0];

/**
 * The states that may follow a state: only forward. `unknown` is not an outcome: the Deployment stays in flight and
 * blocks other Deployments of its service.
 */
const NEXT: Readonly<Record<State, readonly State[]>> = {
  intended: ["live", "failed", "rolledBack", "unknown", "abandoned"],
  unknown: ["live", "failed", "rolledBack"],
  live: ["failed", "rolledBack", "unknown"],
  failed: ["rolledBack"],
  rolledBack: [],
  abandoned: [],
};

const HOUR_MS = 3_600_000;

/**
 * Creates the deploy journal: INTENT → effect → CONFIRM. A service has at most one Deployment in flight. Fencing tokens
 * increase over all services. Throws SelfhealError `deploymentNotFound`, `fenced`, `deploymentSettled` or `deployBusy`.
 */
export function createDeployJournal(db: EmbeddedDatabase, clock: Clock): DeployJournal {
  const sql = prepare(db);
  const save = (deployment: Deployment): Deployment => {
    sql.put.run(deployment.id, JSON.stringify(deployment));
    return deployment;
  };
  const nextToken = (): number => (sql.newestToken.get() ?? 0) + 1;

  const overLimit = (limits: DeployLimits, now: number) => {
    if ((sql.rollbacksSince.get(limits.rollbacksSinceMs) ?? 0) >= limits.maxRollbacks) return "breakerClosed";
    if ((sql.autoSince.get(now - HOUR_MS) ?? 0) >= limits.maxPerHour) return "rateHour";
    return (sql.autoSince.get(now - 24 * HOUR_MS) ?? 0) >= limits.maxPerDay ? "rateDay" : null;
  };

  const intend = (wanted: Wanted, limits: DeployLimits | undefined, now: number): DeployGrant => {
    const same = read(sql.byKey.get(wanted.key));
    // A Deployment that was abandoned before any effect may be requested again. The new Deployment uses the old one's
    // row.
    if (same !== null && same.state !== "abandoned") {
      if (!isInFlight(same.state)) return { kind: "settled", deployment: same };
      return { kind: "unfinished", deployment: save({ ...same, fencingToken: nextToken() }) };
    }
    const other = read(sql.inFlight.get(wanted.service));
    if (other !== null) return { kind: "busy", by: other.ticketId };
    const limit = wanted.auto && limits !== undefined ? overLimit(limits, now) : null;
    if (limit !== null) return { kind: "limited", limit };
    return { kind: "granted", deployment: save(newDeployment(wanted, now, nextToken())) };
  };

  /** The Deployment, if `token` is its current fencing token. Throws SelfhealError `deploymentNotFound` or `fenced`. */
  const mine = (id: string, token: number): Deployment => {
    const deployment = read(sql.byId.get(id));
    if (deployment === null) throw new SelfhealError("deploymentNotFound", `there is no deployment ${id}`);
    if (token !== deployment.fencingToken) {
      throw new SelfhealError(
        "fenced",
        `deployment ${id} went on under token ${deployment.fencingToken}, not ${token}`,
      );
    }
    return deployment;
  };

  const settle = (id: string, token: number, state: Exclude<State, "intended">, reason: string, now: number) => {
    const deployment = mine(id, token);
    if (deployment.state === state) return deployment;
    if (!NEXT[deployment.state].includes(state)) {
      throw new SelfhealError(
        "deploymentSettled",
        `deployment ${id} is ${deployment.state} and cannot become ${state}`,
      );
    }
    const other = state === "unknown" ? read(sql.inFlight.get(deployment.service)) : null;
    if (other !== null && other.id !== id) {
      throw new SelfhealError("deployBusy", `deployment ${other.id} of ${deployment.service} is in flight`);
    }
    return save({ ...deployment, state, reason, settledAt: state === "unknown" ? null : now });
  };

  const noteCanary = (id: string, token: number, canary: Deployment["canary"]) => {
    const deployment = mine(id, token);
    if (!isInFlight(deployment.state))
      throw new SelfhealError(
        "deploymentSettled",
        `deployment ${id} is ${deployment.state}: it has no canary any more`,
      );
    return save({ ...deployment, canary });
  };

  return {
    noteCanary: (id, token, canary) => db.write(() => noteCanary(id, token, canary)),
    intend: (wanted, limits) => db.write(() => intend(wanted, limits, clock.now())),
    settle: (id, token, state, reason) => db.write(() => settle(id, token, state, reason, clock.now())),
    get: async (id) => read(sql.byId.get(id)),
    live: async (service) => read(sql.live.get(service)),
    inFlight: async (service) => read(sql.inFlight.get(service)),
    // Every intent counts unless it was abandoned. If only successes counted, failures would not be rate-limited.
    autoDeploysSince: async (sinceMs) => sql.autoSince.get(sinceMs) ?? 0,
    rollbacksSince: async (sinceMs) => sql.rollbacksSince.get(sinceMs) ?? 0,
    deployedSince: async (service, sinceMs) =>
      sql.deployedSince.all(service, sinceMs).flatMap((json) => read(json) ?? []),
  };
}

function isInFlight(state: State): boolean {
  return state === "intended" || state === "unknown";
}

function newDeployment(wanted: Wanted, now: number, fencingToken: number): Deployment {
  return Deployment.parse({
    ...wanted,
    id: uuidFrom("deployment", wanted.key),
    state: "intended",
    intendedAt: now,
    settledAt: null,
    fencingToken,
    reason: "",
  });
}

function read(json: string | undefined): Deployment | null {
  return json === undefined ? null : readStored(Deployment, json, "a deployment");
}

function prepare({ sqlite }: EmbeddedDatabase) {
  const text = (where: string) =>
    sqlite.prepare<[string], string>(`SELECT json FROM deployments WHERE ${where}`).pluck();
  const count = (where: string) =>
    sqlite.prepare<[number], number>(`SELECT count(*) FROM deployments WHERE ${where}`).pluck();
  return {
    put: sqlite.prepare(
      "INSERT INTO deployments (id, json) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json",
    ),
    byId: text("id = ?"),
    byKey: text("key = ?"),
    inFlight: text("service = ? AND state IN ('intended', 'unknown')"),
    live: text("service = ? AND state = 'live' ORDER BY fencing_token DESC LIMIT 1"),
    newestToken: sqlite.prepare<[], number | null>("SELECT max(fencing_token) FROM deployments").pluck(),
    deployedSince: sqlite
      .prepare<[string, number], string>(
        `SELECT json FROM deployments WHERE service = ? AND settled_at >= ? AND state IN ('live', 'rolledBack', 'failed')
         ORDER BY settled_at DESC, fencing_token DESC`,
      )
      .pluck(),
    autoSince: count("auto = 1 AND state <> 'abandoned' AND intended_at >= ?"),
    rollbacksSince: count("state IN ('failed', 'rolledBack') AND settled_at >= ?"),
  };
}
