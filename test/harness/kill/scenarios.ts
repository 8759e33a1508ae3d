import { loadFactor } from "../../../src/cli/demo/loadFactor.ts";
import type { ApprovalDecision } from "../../../src/domain/approval.ts";
import type { NotificationKind } from "../../../src/domain/notification.ts";
import type { Ticket } from "../../../src/domain/ticket.ts";

/** A journey that is always the same, but for where it is killed. */
export interface Scenario {
  name: string;
  /** Changes to the tiny service's configuration; `live` is the folder that holds what is live. */
  settings(live: string): Record<string, unknown>;
  /** What comes before and after the deploy command's own work. */
  deploySlowly?: { before: string; after: string };
  /** What a person says to the question that is open; null: there is none for them. */
  says(ticket: Ticket): Pick<ApprovalDecision, "type"> | null;
  /** The state in which it ends. */
  ends: Ticket["state"];
  /** What was put live, in order: the fix, and the base when it was put back. */
  deploys: readonly ("fix" | "base")[];
  /** What people were told, in any order. */
  tells: readonly NotificationKind[];
  /** Where it is not the same as another scenario, by what was put on record last: until `from`, and again after `to`. */
  differs?: { than: string; from: string; to?: string };
}

/** Accept → digest → batch → triage → … → gate → a person → deployer → verifier → healed. */
export const approval: Scenario = {
  name: "approval",
  settings: () => ({ autonomy: "supervised" }),
  says: () => ({ type: "approve" }),
  ends: "healed",
  deploys: ["fix"],
  tells: ["asked", "deployed", "healed"],
};

/** The same without a person. */
export const auto: Scenario = {
  ...approval,
  name: "auto",
  settings: () => ({}),
  says: () => null,
  tells: ["deployed", "healed"],
  differs: { than: "approval", from: "gate.decided" },
};

/** The fix makes the service unwell: it is rolled back, and a person closes the ticket. */
export const rollBack: Scenario = {
  name: "rollBack",
  settings: (live) => ({
    health: {
      command: `: health; ! grep -q 'profile?.name;' '${live}/greet.mjs'`,
      passes: 1,
      intervalMs: 20,
      // Long enough for a shell on a machine that is busy: the base that is put back must be seen to be well in that time.
      timeoutMs: Math.ceil(700 * loadFactor()),
    },
  }),
  says: () => ({ type: "dismiss" }),
  ends: "dismissed",
  deploys: ["fix", "base"],
  tells: ["rolledBack", "escalated"],
  differs: { than: "auto", from: "deploy.started" },
};

/** A deploy command that takes its time, and says so before and after its work: it outlives a selfheal that is killed. */
export const slowDeploy: Scenario = {
  ...auto,
  name: "slowDeploy",
  deploySlowly: {
    before: 'echo >> "$LIVE/begun"; echo begun; sleep 0.4; echo working; ',
    after: "; sleep 0.2; echo done",
  },
  differs: { than: "auto", from: "deploy.intended", to: "deploy.live" },
};

export const SCENARIOS: readonly Scenario[] = [approval, auto, rollBack, slowDeploy];
