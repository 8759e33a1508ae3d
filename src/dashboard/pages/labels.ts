import type { DecisionType } from "../../domain/approval.ts";
import type { Deployment } from "../../domain/deployment.ts";
import type { Grade, SandboxGrade } from "../../domain/evidence.ts";
import type { Severity, TicketState, Verdict } from "../../domain/ticket.ts";

/** The look of a badge. Its color shows nothing that its text does not say. */
type Tone = "good" | "busy" | "wait" | "bad" | "quiet";

/** The text of a badge, and its look. */
export interface Word {
  text: string;
  tone: Tone;
}

/** Badges of ticket states. */
export const STATE_WORDS: Record<TicketState, Word> = {
  open: { text: "Open", tone: "busy" },
  planning: { text: "Planning", tone: "busy" },
  coding: { text: "Coding", tone: "busy" },
  testing: { text: "Testing", tone: "busy" },
  reviewing: { text: "Reviewing", tone: "busy" },
  awaitingApproval: { text: "Awaiting approval", tone: "wait" },
  escalated: { text: "Escalated", tone: "wait" },
  deploying: { text: "Deploying", tone: "busy" },
  soaking: { text: "Soaking", tone: "busy" },
  healed: { text: "Healed", tone: "good" },
  rolledBack: { text: "Rolled back", tone: "bad" },
  abstained: { text: "Abstained", tone: "quiet" },
  proposed: { text: "Proposed", tone: "quiet" },
  rejected: { text: "Rejected", tone: "quiet" },
  dismissed: { text: "Dismissed", tone: "quiet" },
};

export const SEVERITY_WORDS: Record<Severity, Word> = {
  critical: { text: "Critical", tone: "bad" },
  high: { text: "High", tone: "wait" },
  medium: { text: "Medium", tone: "quiet" },
  low: { text: "Low", tone: "quiet" },
};

export const GRADE_WORDS: Record<Grade, Word & { meaning: string }> = {
  none: { text: "No evidence", tone: "quiet", meaning: "Nothing was observed yet." },
  E0: { text: "E0", tone: "quiet", meaning: "The patch applies and builds." },
  E1: { text: "E1", tone: "wait", meaning: "The whole suite: nothing that passed before fails now." },
  E2: {
    text: "E2",
    tone: "good",
    meaning: "The exception was reproduced: red on the base, green on the patch, and the suite holds.",
  },
  E3: { text: "E3", tone: "good", meaning: "Reproduced and fixed, and no recurrence through its soak window." },
};

export const VERDICT_WORDS: Record<Verdict, Word> = {
  auto: { text: "Deploys by itself", tone: "good" },
  ask: { text: "Asks a person", tone: "wait" },
  refuse: { text: "Refused", tone: "bad" },
};

export const DEPLOYMENT_WORDS: Record<Deployment["state"], Word> = {
  intended: { text: "Under way", tone: "busy" },
  live: { text: "Live", tone: "good" },
  failed: { text: "Failed", tone: "bad" },
  rolledBack: { text: "Rolled back", tone: "bad" },
  unknown: { text: "Unknown", tone: "wait" },
  abandoned: { text: "Not begun", tone: "wait" },
};

export const SANDBOX_WORDS: Record<SandboxGrade, string> = {
  bubblewrap: "bubblewrap: no network, own file system, no secrets",
  namespaces: "namespaces: no network, own mounts",
  none: "none: only a cleared environment",
};

export const DECISION_WORDS: Record<DecisionType, { button: string; said: string }> = {
  approve: { button: "Approve", said: "approved" },
  edit: { button: "Approve my version", said: "edited" },
  reject: { button: "Reject", said: "rejected" },
  guide: { button: "Give guidance", said: "gave guidance" },
  takeOver: { button: "Take over", said: "took over" },
  dismiss: { button: "Dismiss", said: "dismissed it" },
};

/** `ticket.rolled_back` → `Ticket rolled back`. */
export function auditWords(kind: string): string {
  const text = kind.replaceAll(/[._]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
