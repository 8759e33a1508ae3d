import { END } from "@langchain/langgraph";
import type { RunState } from "../domain/runState.ts";

/** The nodes of the graph, by the names that Studio shows. */
export type NodeName =
  | "triage"
  | "startSiblings"
  | "planner"
  | "approvePlan"
  | "coder"
  | "tester"
  | "securityReviewer"
  | "gate"
  | "approveDeploy"
  | "answer"
  | "port"
  | "deployer"
  | "verifier"
  | "escalation"
  | "escalate";

type Next = NodeName | typeof END;

/**
 * Where a run enters: a Batch at triage, a ticket at the planner, a wake-up at the node that was waiting, and a run
 * that was cut off at the escalation to a person.
 */
export function fromStart(state: RunState): Next {
  const entries = {
    batch: "triage",
    ticket: "planner",
    deploy: "gate",
    canary: "deployer",
    verify: "verifier",
    escalate: "escalation",
  } as const;
  return entries[state.entry];
}

/** Without a ticket the run ends: every Issue of the Batch belongs to a ticket that another run works on. */
export function afterTriage(state: RunState): Next {
  return state.ticketId === "" ? END : "startSiblings";
}

/** Ends unless the planner decided to fix. A Plan goes to a person first where the planner asked for that. */
export function afterPlanner(state: RunState): Next {
  if (state.planAction !== "fix") return END;
  return state.question === "approvePlan" ? "approvePlan" : "coder";
}

/** A Patch goes to the tester. A coder that abstained ends the run. */
export function afterCoder(state: RunState): Next {
  return state.coding === "patch" ? "tester" : END;
}

/**
 * Good Evidence goes to the reviewer. Bad Evidence goes back to the coder while attempts are left. Evidence that shows
 * neither goes to a person.
 */
export function afterTester(maxAttempts: number): (state: RunState) => Next {
  return (state) => {
    if (state.testing === "good") return "securityReviewer";
    // A failed diff of a person goes back to that person: a coder would replace it with another one.
    if (state.decision === "edit") return "escalation";
    return state.testing === "bad" && state.attempt < maxAttempts ? "coder" : "escalation";
  };
}

/** `auto` and `approved` deploy; `ask` asks a person; `propose`, `later` and `closed` end; the rest escalates. */
export function afterGate(state: RunState): Next {
  switch (state.verdict) {
    case "auto":
    case "approved":
      return "deployer";
    case "ask":
      return "approveDeploy";
    case "propose":
    case "later":
    case "closed":
      return END;
    default:
      return "escalation";
  }
}

/**
 * After a person's answer. An answer is `unreadable` here if it was for another question, if its edited diff does not
 * apply, or if it was for an escalation and could not be read. The open question is then asked again. An unreadable
 * answer to an approval does not arrive here as such: it has already closed the ticket as rejected.
 */
export function afterAnswer(state: RunState): Next {
  switch (state.decision) {
    case "approve":
      return state.question === "approvePlan" ? "coder" : "gate";
    case "edit":
      return "tester";
    case "guide":
      return "planner";
    case "unreadable":
      if (state.question === "approvePlan") return "approvePlan";
      return state.question === "escalate" ? "escalation" : "gate";
    default:
      return END;
  }
}

/** A ported Patch is tested again; a conflict goes back to the coder. */
export function afterPort(state: RunState): Next {
  return state.coding === "patch" ? "tester" : "coder";
}

/** A changed base is ported; a lowered level goes back to the gate; an unclear canary or a failure goes to a person. */
export function afterDeployer(state: RunState): Next {
  if (state.deploying === "moved") return "port";
  if (state.deploying === "lowered") return "gate";
  if (state.deploying === "held") return "approveDeploy";
  return state.deploying === "failed" || state.deploying === "unknown" ? "escalation" : END;
}

/** A recurrence, or an unknown state of the deployment, goes to a person. */
export function afterVerifier(state: RunState): Next {
  return state.verifying === "recurred" || state.verifying === "unknown" ? "escalation" : END;
}

/** Without a ticket there is no question to ask. */
export function afterEscalation(state: RunState): Next {
  return state.question === "escalate" ? "escalate" : END;
}
