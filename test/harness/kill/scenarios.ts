import type { ApprovalDecision } from "../../../src/domain/approval.ts";
import type { Ticket } from "../../../src/domain/ticket.ts";

/** A journey that is always the same, but for where it is killed. */
export interface Scenario {
  name: string;
  /** Changes to the tiny service's configuration; `live` is the folder that holds what is live. */
  settings(live: string): Record<string, unknown>;
  /** What a person says to the question that is open; null: there is none for them. */
  says(ticket: Ticket): Pick<ApprovalDecision, "type"> | null;
  /** The state in which it ends. */
  ends: Ticket["state"];
  /** What was put live, in order: the fix, and the base when it was put back. */
  deploys: readonly ("fix" | "base")[];
}

/** Accept → digest → batch → triage → … → gate → a person → deployer → verifier → healed. */
export const approval: Scenario = {
  name: "approval",
  settings: () => ({ autonomy: "supervised" }),
  says: () => ({ type: "approve" }),
  ends: "healed",
  deploys: ["fix"],
};

/** The same without a person. */
export const auto: Scenario = { ...approval, name: "auto", settings: () => ({}), says: () => null };

/** The fix makes the service unwell: it is rolled back, and a person closes the ticket. */
export const rollBack: Scenario = {
  name: "rollBack",
  settings: (live) => ({
    health: {
      command: `: health; ! grep -q 'profile?.name;' '${live}/greet.mjs'`,
      passes: 1,
      intervalMs: 20,
      timeoutMs: 100,
    },
  }),
  says: () => ({ type: "dismiss" }),
  ends: "dismissed",
  deploys: ["fix", "base"],
};

export const SCENARIOS: readonly Scenario[] = [approval, auto, rollBack];
