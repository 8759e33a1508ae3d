import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { auditKillSwitch } from "../autonomy/killSwitch.ts";
import type { System } from "../composition/compose.ts";
import { ensureAdminToken, newAdminToken, newSecret, replaceAdminToken } from "../dashboard/access/adminToken.ts";
import { ensureLinkSecret } from "../dashboard/access/answerLinks.ts";
import { answerTicket } from "../dashboard/answerTicket.ts";
import { addConfigRoute } from "../dashboard/api/configRoutes.ts";
import { addPromptRoute } from "../dashboard/api/promptRoutes.ts";
import { addRetentionRoute } from "../dashboard/api/retentionRoutes.ts";
import { addSourceMapRoutes } from "../dashboard/api/sourceMapRoutes.ts";
import { createDashboard } from "../dashboard/dashboard.ts";
import { mayEverywhere } from "../domain/access.ts";
import { messageOf, SelfhealError } from "../domain/errors.ts";
import type { RunStarter } from "../domain/ports/runStarter.ts";
import { describeAutonomy } from "../domain/service.ts";
import { type ApiHost, createApiHost } from "../graph/apiHost.ts";
import { redeliverAnswers } from "../graph/redeliverAnswers.ts";
import { createWakeUpTimer, type WakeUpTimer } from "../graph/wakeUpTimer.ts";
import { type ClientAddresses, createClientAddresses } from "../ingest/admission/clientAddress.ts";
import type { Pump } from "../ingest/digest/pump.ts";
import { sourceMapFault } from "../ingest/sourceMaps/readSourceMap.ts";
import { closeSockets, ingestServerOptions, limitConnections } from "../ingest/transport/serverOptions.ts";
import { rescheduleManualActions } from "../tickets/manualActions.ts";
import { allowHosts } from "./allowedHosts.ts";
import { createIngestServer, type IngestServer } from "./ingestServer.ts";
import { startInterval } from "./interval.ts";
import { startMaintenance } from "./maintenance.ts";
import { startNotifications } from "./sendNotifications.ts";

/** How many runs execute at once. Each executes test suites, so more runs than cores would only slow them down. */
const WORKERS = 4;
/** How often stored wake-ups are checked, milliseconds. */
const WAKE_UP_CHECK_MS = 500;
/** How often quiet tickets that were only observed are closed, milliseconds. */
const QUIET_MS = 60_000;
/** How often the kill switch is checked for a change that was not made in the dashboard, milliseconds. */
const SWITCH_MS = 1000;
/** How long open requests may take to end when the server stops, milliseconds. */
const GRACE_MS = 3000;

/** A server that is listening. */
export interface RunningServer {
  url: string;
  /** The admin token, at the very first start or when a new one was requested; otherwise null. */
  token: string | null;
  facts: readonly string[];
  close(): Promise<void>;
}

/**
 * Serves one process on one port. Ingest (by key) and health are public; everything else needs a token or a sign-in, and a role. Throws
 * SelfhealError `listen` if the port cannot be opened.
 */
export async function startServer(
  system: System,
  reload?: Parameters<typeof addConfigRoute>[1],
  options: { newToken?: boolean } = {},
): Promise<RunningServer> {
  const { config, stores, log } = system;
  const host = await createApiHost({
    graph: system.graph,
    persistence: stores.apiPersistence,
    left: stores.apiPersistence.cutOff,
    unsettled: stores.apiPersistence.unsettled,
    saver: system.saver,
    dataDir: config.dataDir,
    log,
    workers: config.enabled ? WORKERS : 0,
    tickets: stores.tickets,
    answer: (id, decision, deliver) =>
      answerTicket(
        { ...stores, clock: system.clock, starter: { resume: deliver }, twoPersonRule: twoPersonRuleOf(system) },
        id,
        decision,
      ),
  });
  system.runBy(host);
  await ensureLinkSecret(stores.settings);
  const ingestServer = createIngestServer(system, host);
  const { pump } = ingestServer;
  const sockets = ingestServerOptions(config.limits);
  const { server, url } = await listen(createApp(system, host, ingestServer, reload), config, sockets);
  limitConnections(server, config.limits);
  const stop = config.enabled ? await resumeWork(system, host, pump) : async () => undefined;
  const stopMaintenance = startMaintenance(system);
  const switchWatch = startInterval("the kill switch", () => auditKillSwitch(system.killSwitch, stores), {
    everyMs: SWITCH_MS,
    log,
  });
  const notifications = config.enabled ? startNotifications(system) : null;
  // Last, because a token is shown only once: a start that fails before this (a busy port) must not lose one.
  const { token } = await (options.newToken === true
    ? replaceAdminToken(stores, newAdminToken)
    : ensureAdminToken(stores.settings, newAdminToken));
  return {
    url,
    token,
    facts: factsOf(system),
    async close() {
      await stop();
      await switchWatch.stop();
      stopMaintenance();
      closeSockets(sockets.websocket.server);
      server.closeIdleConnections();
      // A client that follows a run keeps its connection open without a limit.
      const late = setTimeout(() => server.closeAllConnections(), GRACE_MS);
      const closed = new Promise((done) => server.close(done));
      const [drained] = await Promise.all([system.drain(), closed, pump.stop()]);
      if (!drained) system.log.warn("stopped in the middle of a step; the next start does that step again");
      clearTimeout(late);
      await notifications?.stop();
      await ingestServer.close();
      await system.close();
    },
  };
}

/**
 * Continues the work of the previous process, and starts everything that waits. Is not called while `enabled` is false.
 */
async function resumeWork(system: System, host: ApiHost, pump: Pump): Promise<() => Promise<void>> {
  const { stores, clock, log, notifier } = system;
  const paused = async () => (await system.killSwitch.reason()) !== null;
  await host.recover();
  await redeliverAnswers(stores.tickets, host.resumeNow, log);
  await rescheduleManualActions({ ...stores, clock });
  await system.mergeAndSplit.settle();
  pump.start();
  const quiet = startInterval("quiet tickets", async () => void (await system.closeQuietTickets()), {
    everyMs: QUIET_MS,
    log,
  });
  const stopWakeUpTimer = startWakeUpTimer(
    createWakeUpTimer({ ...system, ...stores, starter: host, notifier, clock, paused }),
    system,
  );
  return async () => {
    stopWakeUpTimer();
    await quiet.stop();
  };
}

/** Every route of the process: ingest, dashboard, REST and, behind the same access check, the LangGraph API. */
export function createApp(
  system: System,
  host: RunStarter & Pick<ApiHost, "fetch">,
  ingestServer: IngestServer,
  reload?: Parameters<typeof addConfigRoute>[1],
): Hono {
  const { config, stores, clock } = system;
  const addresses = createClientAddresses(config.limits.trustedProxies);
  const dashboard = createDashboard({
    ...stores,
    clock,
    starter: host,
    newSecret,
    paused: system.killSwitch.reason,
    publicUrl: config.publicUrl,
    signIn: system.signIn,
    people: () => config.access.people,
    twoPersonRule: twoPersonRuleOf(system),
    addressOf: (c) => addressOf(c, addresses),
    breaker: system.breaker,
    autonomy: system.autonomy,
    manualActions: system.manualActions,
    mergeAndSplit: system.mergeAndSplit,
    pressure: ingestServer.pressure,
    status: () => ({ sandbox: system.sandbox.grade, autonomy: globalAutonomy(config), brain: config.brain }),
  });
  // After the dashboard's own routes, so the LangGraph API is behind the same admin check.
  addRetentionRoute(dashboard, system.retention);
  addPromptRoute(dashboard, { tickets: stores.tickets, prompts: system.prompts });
  addSourceMapRoutes(dashboard, {
    store: stores.sourceMaps,
    audit: stores.audit,
    clock,
    faultOf: sourceMapFault,
    limits: () => config.sourceMaps,
    projects: () => [...config.keys, ...config.services].map(({ project }) => project),
  });
  if (reload !== undefined) addConfigRoute(dashboard, reload);
  dashboard.all("*", (c) => {
    const { name, grants } = c.get("caller");
    return host.fetch(c.req.raw, { name, administers: mayEverywhere(grants, "admin") });
  });
  const app = new Hono();
  app.use("*", allowHosts(config.allowedHosts, config.publicUrl));
  // Before the check of Studio's origins: pages of any origin may report their errors.
  app.route("/", ingestServer.app);
  if (config.studioOrigins.length > 0) app.use("*", cors({ origin: config.studioOrigins, credentials: false }));
  app.route("/", dashboard);
  return app;
}

function twoPersonRuleOf({ services }: System): (service: string) => boolean {
  return (name) => services.get(name)?.twoPersonRule === true;
}

function addressOf(c: Context, addresses: ClientAddresses): string {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return addresses.of(incoming?.socket?.remoteAddress, c.req.raw.headers.get("x-forwarded-for"));
}

function listen(
  app: Hono,
  config: System["config"],
  options: ReturnType<typeof ingestServerOptions>,
): Promise<{ server: Server; url: string }> {
  return new Promise((resolve, reject) => {
    // ws types `noServer` as optional; ingestServerOptions has set it.
    const asked = { fetch: app.fetch, hostname: config.host, port: config.port, ...options } as Parameters<
      typeof serve
    >[0];
    const server = serve(asked, (address) => {
      resolve({ server, url: `http://${config.host}:${address.port}` });
    }) as Server;
    server.once("error", (cause) => {
      const where = `${config.host}:${config.port}`;
      reject(new SelfhealError("listen", `cannot listen on ${where}: ${messageOf(cause)}`, { cause }));
    });
  });
}

/** Checks the stored wake-ups until stopped. The rows hold all state; this timer holds none. */
function startWakeUpTimer(wakeUps: WakeUpTimer, { log }: System): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const look = async () => {
    try {
      await wakeUps.fireDue();
    } catch (error) {
      log.error("wake-ups could not be looked at", { reason: messageOf(error) });
    }
    if (!stopped) timer = setTimeout(look, WAKE_UP_CHECK_MS);
  };
  timer = setTimeout(look, 0);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

function factsOf({ config, sandbox }: System): string[] {
  const services = config.services.map((s) => s.name).join(", ") || "none yet: tickets only";
  return [
    `services  ${services}`,
    `autonomy  ${globalAutonomy(config)}; ${config.autoDeploySeverity.join(", ")} may deploy by themselves when it is full`,
    `brain     ${config.brain}`,
    `sandbox   ${sandbox.grade}${sandbox.grade === config.sandboxForAuto ? "" : `; deploying by itself needs ${config.sandboxForAuto}`}`,
    ...(config.enabled ? [] : ["enabled   false: events are kept, nothing else happens"]),
  ];
}

function globalAutonomy({ autonomy, autonomyBySeverity }: System["config"]): string {
  return describeAutonomy({ ...autonomyBySeverity, default: autonomy });
}
