import { z } from "zod";
import { Level, TrustTier } from "./event.ts";

/**
 * The identity of a problem, computed from an Event. `family` groups Events; `strict` distinguishes variants inside a
 * family.
 */
export const Fingerprint = z.object({
  /** Version of the algorithm that computed it. */
  algorithm: z.number().int().positive(),
  family: z.string().min(1).max(64),
  strict: z.string().min(1).max(64),
  /** Explains from what it was computed. */
  why: z.string().max(512),
  /**
   * The families that previous algorithms computed for the same Event, newest algorithm first. With them, an Issue that
   * began under a previous algorithm keeps its Events.
   */
  former: z.array(z.string().max(64)).max(4).optional(),
});
export type Fingerprint = z.infer<typeof Fingerprint>;

/** All Events of one Fingerprint family in one project and service. */
export const Issue = z.object({
  /** Derived from project, service and fingerprint family. */
  id: z.string().min(1).max(64),
  project: z.string(),
  service: z.string(),
  fingerprint: Fingerprint,
  /** `Type: message template`. */
  title: z.string().max(512),
  /** `function (file)` of the top in-app frame. */
  culprit: z.string().max(512),
  level: Level,
  /** true once the app did not catch one of the Events. */
  unhandled: z.boolean(),
  trustTier: TrustTier,
  /** true once an Event of T1 or better was received, even if the lowest tier is T0. */
  corroborated: z.boolean(),
  /**
   * What Events of tier T1 or better alone say. Severity is computed from it, so that a flood with a public key cannot
   * raise it. Absent: no such Event was received.
   */
  trusted: z
    .object({
      count: z.number().int().nonnegative(),
      level: Level,
      unhandled: z.boolean(),
      firstSeen: z.number(),
    })
    .optional(),
  firstSeen: z.number(),
  lastSeen: z.number(),
  count: z.number().int().nonnegative(),
  releases: z.array(z.string()),
  ticketId: z.string().nullable(),
  /** The Issue that counts its Events, because a person merged the two. */
  mergedInto: z.string().nullable().optional(),
  /**
   * The next Event starts a Run, whatever the count is, because a merge of this Issue was undone. Cleared when the
   * Issue gets a ticket.
   */
  callsForRun: z.boolean().optional(),
  /**
   * The Issue appeared in a cascade. It waits for the end of that ticket, at most until `until` (milliseconds since the
   * epoch).
   */
  cascade: z.object({ ticketId: z.string(), until: z.number() }).nullable().optional(),
});
export type Issue = z.infer<typeof Issue>;

/**
 * How many Events of an Issue happened in one minute. `at` is the start of the minute in milliseconds since the epoch.
 */
export interface IssueMinute {
  at: number;
  events: number;
}

/** How often an Issue happened in one release. Times in milliseconds since the epoch. */
export interface IssueRelease {
  release: string;
  firstSeen: number;
  lastSeen: number;
  events: number;
}

/** The Issues of a debounce window that was closed: the input of one Run. */
export const Batch = z.object({
  id: z.string().uuid(),
  project: z.string(),
  service: z.string(),
  issueIds: z.array(z.string()).min(1),
  openedAt: z.number(),
  closedAt: z.number(),
  state: z.enum(["closed", "started"]),
});
export type Batch = z.infer<typeof Batch>;

/** An open debounce window: its Issues, and when it is due. Times in milliseconds since the epoch. */
export const DebounceWindow = z.object({
  project: z.string(),
  service: z.string(),
  issueIds: z.array(z.string()).min(1),
  openedAt: z.number(),
  lastAt: z.number(),
  dueAt: z.number(),
});
export type DebounceWindow = z.infer<typeof DebounceWindow>;
