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

/** Where a run enters: a batch at triage, a ticket at the planner, a wake-up at the node that was waiting, a run that was cut off at a person. */
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

/** No ticket: every Issue of the batch belongs to a ticket that is already being worked on. */
export function afterTriage(state: RunState): Next {
  return state.ticketId === "" ? END : "startSiblings";
}

export function afterPlanner(state: RunState): Next {
  if (state.planAction !== "fix") return END;
  return state.question === "approvePlan" ? "approvePlan" : "coder";
}

export function afterCoder(state: RunState): Next {
  return state.coding === "patch" ? "tester" : END;
}

/** Bad evidence goes back to the coder while attempts are left; what cannot be told goes to a person. */
export function afterTester(maxAttempts: number): (state: RunState) => Next {
  return (state) => {
    if (state.testing === "good") return "securityReviewer";
    // A person's own diff comes back to them: a coder would put another one in its place.
    if (state.decision === "edit") return "escalation";
    return state.testing === "bad" && state.attempt < maxAttempts ? "coder" : "escalation";
  };
}

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

/** A person's answer. What could not be read counts as a no for an approval, and is asked again for an escalation. */
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

export function afterPort(state: RunState): Next {
  return state.coding === "patch" ? "tester" : "coder";
}

export function afterDeployer(state: RunState): Next {
  if (state.deploying === "moved") return "port";
  if (state.deploying === "lowered") return "gate";
  if (state.deploying === "held") return "approveDeploy";
  return state.deploying === "failed" || state.deploying === "unknown" ? "escalation" : END;
}

export function afterVerifier(state: RunState): Next {
  return state.verifying === "recurred" || state.verifying === "unknown" ? "escalation" : END;
}

/** Without a ticket there is nobody to ask about what. */
export function afterEscalation(state: RunState): Next {
  return state.question === "escalate" ? "escalate" : END;
}
