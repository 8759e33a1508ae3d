import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promises } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { System } from "../../../src/composition/compose.ts";
import type { DeployGrant } from "../../../src/domain/ports/deployJournal.ts";
import type { Kill } from "./faultPoints.ts";
import { approval, auto, type Scenario } from "./scenarios.ts";

/** A bug that the harness must catch. */
export interface Plant {
  /** Spoils one port of a composed system, in place. `restarted`: an earlier process of the journey was killed. */
  spoil(system: System, restarted: boolean): void;
  /** The journey and the point that show it. */
  scenario: Scenario;
  kill: Kill;
  /** What the harness must say. */
  shows: RegExp;
}

const DEPLOYED: Kill = { label: "after command deploy", nth: 1 };

export const PLANTS: Readonly<Record<string, Plant>> = {
  "the journal writes an intent only when it is settled": {
    spoil({ stores: { journal }, clock }) {
      const { intend, settle, get } = journal;
      const held = new Map<string, Extract<DeployGrant, { kind: "granted" }>["deployment"]>();
      const wanted = new Map<string, Parameters<typeof intend>[0]>();
      journal.intend = async (want) => {
        const id = randomUUID();
        const open = {
          state: "intended" as const,
          intendedAt: clock.now(),
          settledAt: null,
          fencingToken: 1,
          reason: "",
        };
        const deployment = { ...want, id, ...open };
        held.set(id, deployment);
        wanted.set(id, want);
        return { kind: "granted", deployment };
      };
      journal.settle = async (id, token, state, reason) => {
        const want = wanted.get(id);
        if (want === undefined) return settle(id, token, state, reason);
        const grant = await intend(want);
        if (!("deployment" in grant)) throw new Error(`not granted: ${grant.kind}`);
        return settle(grant.deployment.id, grant.deployment.fencingToken, state, reason);
      };
      journal.get = async (id) => held.get(id) ?? get(id);
    },
    scenario: auto,
    kill: DEPLOYED,
    shows: /deployed \w+, \w+, not \w+/,
  },
  "after a restart the target says once that the commit before is live": {
    spoil({ services }, restarted) {
      const tiny = services.get("tiny");
      if (!restarted || tiny === undefined) return;
      const base = execFileSync("git", ["-C", tiny.repo, "rev-parse", "HEAD"], { encoding: "utf8" }).trim();
      const lied = `${tiny.repo}/../lied`;
      tiny.liveCommand = `if [ -f '${lied}' ]; then ${tiny.liveCommand}; else touch '${lied}'; echo ${base}; fi`;
    },
    scenario: auto,
    kill: DEPLOYED,
    shows: /deployed \w+, \w+, not \w+/,
  },
  "events are acknowledged before they are committed": {
    spoil({ stores: { spool } }) {
      const { append } = spool;
      spool.append = async (events) => {
        void delay(300).then(() => append(events));
        return { kind: "stored", stored: events.length, repeated: 0 };
      };
    },
    scenario: auto,
    kill: { label: "after answer v1/events", nth: 1 },
    shows: /was acknowledged, and is not stored/,
  },
  "ticket ids are made up at each triage": {
    spoil({ stores: { tickets } }) {
      const { open, list } = tickets;
      tickets.open = (ticket) => open({ ...ticket, id: randomUUID() });
      tickets.list = async (filter) => (filter?.batchId === undefined ? list(filter) : []);
    },
    scenario: auto,
    kill: { label: "after commit selfheal: insert ticket_changes", nth: 1 },
    shows: /2 tickets for one root cause/,
  },
  "the saver writes each checkpoint only with the next one": {
    spoil({ saver }) {
      const put = saver.put.bind(saver);
      let write = async (): Promise<unknown> => undefined;
      saver.put = async (...args) => {
        await write();
        write = () => put(...args);
        const [config, checkpoint] = args;
        return { configurable: { ...config.configurable, checkpoint_id: checkpoint.id } };
      };
    },
    scenario: approval,
    kill: { label: "answer v1/tickets", nth: 1 },
    shows: /nothing went on|did not come to its end/,
  },
  "a wake-up is cleared before its run is started": {
    spoil({ stores: { wakeUps }, config }) {
      const { due } = wakeUps;
      wakeUps.due = async (now) => {
        const rows = await due(now);
        for (const { ticketId, kind } of rows) {
          await wakeUps.clear(ticketId, kind);
          // A point of its own: how many rows are cleared before this one is no business of this plant.
          await promises.appendFile(join(config.dataDir, "cleared"), `${kind}\n`);
        }
        return rows;
      };
    },
    // Long enough for the run to rest: one that is still at work sets its wake-up again.
    scenario: { ...auto, settings: () => ({ soakMs: 1500 }) },
    kill: { label: "after appendFile data/cleared", nth: 1 },
    shows: /nothing went on/,
  },
  "a branch is named anew each time it is pushed": {
    spoil({ workspaces }) {
      const { publish } = workspaces;
      workspaces.publish = (workspace, commit, branch) =>
        publish(workspace, commit, `${branch}-${randomUUID().slice(0, 8)}`);
    },
    scenario: auto,
    kill: DEPLOYED,
    shows: /pushed more than once/,
  },
  "a message has another key each time it is told": {
    spoil({ notifier }) {
      const { notify } = notifier;
      notifier.notify = (message) => notify({ ...message, key: randomUUID() });
    },
    scenario: auto,
    kill: { label: "after commit selfheal: insert outbox", nth: 1 },
    shows: /people were told deployed under more than one key/,
  },
};
