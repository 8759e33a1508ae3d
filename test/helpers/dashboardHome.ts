import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServerType, serve } from "@hono/node-server";
import { createTriageOnRequest } from "../../src/agents/triage/triageOnRequest.ts";
import { createAutonomyBoard } from "../../src/autonomy/autonomyBoard.ts";
import { createCircuitBreaker } from "../../src/autonomy/circuitBreaker.ts";
import { createKillSwitch } from "../../src/autonomy/killSwitch.ts";
import { parseConfig, policyFor } from "../../src/config/index.ts";
import { ensureAdminToken, newAdminToken, newSecret } from "../../src/dashboard/access/adminToken.ts";
import { issueToken } from "../../src/dashboard/access/userTokens.ts";
import { createDashboard } from "../../src/dashboard/dashboard.ts";
import type { DashboardDeps } from "../../src/dashboard/deps.ts";
import type { Grant } from "../../src/domain/access.ts";
import { Service } from "../../src/domain/service.ts";
import { fingerprint } from "../../src/ingest/grouping/fingerprint.ts";
import { type EmbeddedStores, openEmbeddedStores } from "../../src/store/embedded.ts";
import { createManualActions } from "../../src/tickets/manualActions.ts";
import { createMergeAndSplit } from "../../src/tickets/mergeAndSplit.ts";
import { createWorkspaces } from "../../src/tools/git/workspaces.ts";
import { createFakeRunStarter, type FakeRunStarter } from "./runStarter.ts";
import { type TestClock, testClock } from "./testClock.ts";
import { BUILT_DIFF } from "./ticketBuilder.ts";

/** The dashboard over real stores in a temporary folder, and a fake run starter. */
export interface DashboardHome {
  readonly app: ReturnType<typeof createDashboard>;
  readonly stores: EmbeddedStores;
  readonly starter: FakeRunStarter;
  readonly clock: TestClock;
  /** The admin token. */
  readonly token: string;
  /** A new token of a user, who gets these grants. Default: admin on all services. */
  tokenOf(name: string, grants?: Grant[]): Promise<string>;
  /** A real server on 127.0.0.1; the URL has no slash at its end. */
  listen(): Promise<string>;
  /** Stops the server and removes everything. */
  remove(): Promise<void>;
}

/** `replace` puts other deps in the place of the real ones. */
export async function makeDashboardHome(
  replace: (deps: DashboardDeps) => Partial<DashboardDeps> = () => ({}),
): Promise<DashboardHome> {
  const dir = await mkdtemp(join(tmpdir(), "dashboard-"));
  const clock = testClock();
  const stores = await openEmbeddedStores(dir, clock);
  const starter = createFakeRunStarter();
  const { token } = await ensureAdminToken(stores.settings, newAdminToken);
  if (token === null) throw new Error("a new folder has no admin token yet");
  await stores.blobs.put(BUILT_DIFF);
  const status = () => ({ sandbox: "bubblewrap", autonomy: "supervised", brain: "rules" }) as const;
  const paused = createKillSwitch({
    ...stores,
    enabled: () => true,
    environment: false,
    file: join(dir, "PAUSE"),
  }).reason;
  const breaker = createCircuitBreaker({ ...stores, clock });
  const services = new Map([["shop", Service.parse({ name: "shop", project: "shop", repo: "/repo" })]]);
  const autonomy = createAutonomyBoard({
    ...stores,
    clock,
    services,
    settingOf: () => "supervised",
    rule: () => ({ enabled: true, heldInARow: 2, windowMs: 1000, upTo: "full" }),
  });
  const workspaces = createWorkspaces({ dataDir: dir, clock });
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const manualActions = createManualActions({
    ...stores,
    clock,
    services,
    policyOf: async (service) => policyFor(parseConfig({}), service, "supervised"),
    log,
    dismissForMs: () => 1000,
    triageBatch: createTriageOnRequest({ ...stores, clock, log }),
    workspaces,
    history: workspaces,
    recordOutcome: async () => undefined,
  });
  const mergeAndSplit = createMergeAndSplit({ ...stores, clock, fingerprintOf: fingerprint });
  const deps: DashboardDeps = {
    ...stores,
    autonomy,
    manualActions,
    mergeAndSplit,
    starter,
    clock,
    status,
    paused,
    breaker,
    twoPersonRule: () => false,
  };
  const app = createDashboard({ ...deps, ...replace(deps), newSecret });
  let server: ServerType | null = null;

  return {
    app,
    stores,
    starter,
    clock,
    token,
    async tokenOf(name, grants = [{ role: "admin", services: "*" }]) {
      await stores.users.put({ name, grants, createdAt: 0, createdBy: "admin" });
      return (await issueToken({ ...stores, clock }, name)).token;
    },
    listen: () =>
      new Promise((resolve) => {
        server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, (address: AddressInfo) =>
          resolve(`http://127.0.0.1:${address.port}`),
        );
      }),
    async remove() {
      await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
      await stores.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
