import { commitMessage } from "../../src/agents/deployer/commitMessage.ts";
import { createDeployTurns } from "../../src/agents/deployer/deployTurns.ts";

import type { DeployerDeps } from "../../src/agents/deployer/deps.ts";
import type { VerifierDeps } from "../../src/agents/verifier/node.ts";
import { createCircuitBreaker } from "../../src/autonomy/circuitBreaker.ts";
import { parseConfig, policyFor } from "../../src/config/index.ts";
import type { RunState } from "../../src/domain/runState.ts";
import { RunState as State } from "../../src/domain/runState.ts";
import { type Service, Service as ServiceSchema } from "../../src/domain/service.ts";
import { Severity, type Ticket } from "../../src/domain/ticket.ts";
import { openEmbeddedStores } from "../../src/store/embedded.ts";
import { createWorkspaces } from "../../src/tools/git/workspaces.ts";
import { gitRepository, temporaryFolder } from "./gitRepository.ts";
import { type Production, type ProductionScript, production } from "./production.ts";
import { testClock } from "./testClock.ts";
import { buildEvidence, buildPatch, buildPlan, buildTicket } from "./ticketBuilder.ts";

const SOURCE = "export const city = (user) => user.address.city;\n";
const FIXED = 'export const city = (user) => user.address?.city ?? "";\n';
/** Every ticket of every test may go by itself. */
const ANY_SEVERITY = parseConfig({ autoDeploySeverity: [...Severity.options] });
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export type BenchDeps = DeployerDeps & VerifierDeps;

/** Real stores, a real repository and real workspaces; production is pretended. Every ticket gets a service of its own. */
export async function releaseBench() {
  const clock = testClock();
  const dataDir = temporaryFolder("release");
  const stores = await openEmbeddedStores(dataDir, clock);
  const repo = gitRepository({ "src/cart.js": SOURCE });
  const workspaces = createWorkspaces({ dataDir, clock });
  const services = new Map<string, Service>();
  const base = repo.git("rev-parse", "HEAD").trim();
  repo.put({ "src/cart.js": FIXED });
  const diff = repo.git("diff", "--full-index");
  repo.git("checkout", "-q", "--", ".");
  await stores.blobs.put(diff);

  const ticketFor = (service: Service, overrides: Partial<Ticket> = {}, baseCommit = base) => {
    const patch = buildPatch({ diff, baseCommit });
    const gate = {
      verdict: "auto" as const,
      missing: [],
      refusedBy: [],
      patchDigest: patch.digest,
      decidedAt: clock.now(),
    };
    const evidence = buildEvidence({ patchDigest: patch.digest, baseCommit });
    const whole = { service: service.name, state: "deploying" as const, plan: buildPlan(), patch, evidence, gate };
    return stores.tickets.open(buildTicket({ ...whole, ...overrides }));
  };

  let made = 0;
  return {
    clock,
    stores,
    repo,
    base,
    diff,
    service(overrides: Partial<Service> = {}): Service {
      made += 1;
      const given = {
        name: `shop-${made}`,
        project: "shop",
        repo: repo.dir,
        deployCommand: "true",
        soakMs: 1000,
        ...overrides,
      };
      const service = ServiceSchema.parse(given);
      services.set(service.name, service);
      return service;
    },
    ticketFor,
    deps(world: Production, overrides: Partial<BenchDeps> = {}): BenchDeps {
      const { tickets, issues, audit, wakeUps, blobs, journal } = stores;
      const kept = { tickets, issues, audit, wakeUps, blobs, journal, workspaces, services, clock, log: silent };
      const turns = createDeployTurns({ settings: stores.settings, tickets, clock });
      // The limits are the journal's and the rails' own tests; here every ticket may go.
      const limits = async () => ({ maxPerHour: 1000, maxPerDay: 1000, maxRollbacks: 1000, rollbacksSinceMs: 0 });
      const breaker = { ...createCircuitBreaker({ ...stores, clock }), limits };
      const policyOf = async (service: Service) => policyFor(ANY_SEVERITY, service, "full");
      return {
        ...kept,
        turns,
        breaker,
        policyOf,
        recordOutcome: async () => undefined,
        target: world.target,
        canaries: world.canaries,
        notifier: { notify: async () => undefined },
        escalationTimeoutMs: () => 300_000,
        commitMessage,
        paused: async () => false,
        ...overrides,
      };
    },
    world: (script: Partial<ProductionScript> = {}) => production({ live: base, ...script }),
    state: (ticket: Ticket, overrides: Partial<RunState> = {}): RunState =>
      State.parse({ ticketId: ticket.id, patchDigest: ticket.patch?.digest ?? "", ...overrides }),
    kinds: async (ticket: Ticket) => (await stores.audit.list({ ticketId: ticket.id })).map((e) => e.kind).reverse(),
    wakeUps: async (ticket: Ticket) =>
      (await stores.wakeUps.due(Number.MAX_SAFE_INTEGER)).filter((w) => w.ticketId === ticket.id),
  };
}

export type ReleaseBench = Awaited<ReturnType<typeof releaseBench>>;
