import { z } from "zod";
import { Level, TrustTier } from "./event.ts";

/** The identity of a problem, computed from an Event. `family` groups; `strict` tells variants inside a family apart. */
export const Fingerprint = z.object({
  /** Version of the algorithm that computed it. */
  algorithm: z.number().int().positive(),
  family: z.string().min(1).max(64),
  strict: z.string().min(1).max(64),
  /** In words: what it was computed from. */
  why: z.string().max(512),
  /** The families that former algorithms put it in, newest algorithm first: an Issue that began under one goes on. */
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
  /** true once any Event was not caught by the app. */
  unhandled: z.boolean(),
  trustTier: TrustTier,
  /** true once an Event of T1 or better was seen, whatever the lowest tier. */
  corroborated: z.boolean(),
  firstSeen: z.number(),
  lastSeen: z.number(),
  count: z.number().int().nonnegative(),
  releases: z.array(z.string()),
  ticketId: z.string().nullable(),
  /** The Issue that its Events are counted on, by a person's word. */
  mergedInto: z.string().nullable().optional(),
  /** Its next Event calls for a run, whatever its number: what it was merged into was undone. Until it has a ticket. */
  callsForRun: z.boolean().optional(),
  /** It came up in a cascade: it waits for that ticket's end, at the latest until then (milliseconds since the epoch). */
  cascade: z.object({ ticketId: z.string(), until: z.number() }).nullable().optional(),
});
export type Issue = z.infer<typeof Issue>;

/** How many Events of an Issue a minute had; `at` is its start, milliseconds since the epoch. */
export interface IssueMinute {
  at: number;
  events: number;
}

/** What a release had of an Issue; times in milliseconds since the epoch. */
export interface IssueRelease {
  release: string;
  firstSeen: number;
  lastSeen: number;
  events: number;
}

/** The Issues that a debounce window closed over: the input of one run. */
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

/** A debounce window that is open: which Issues it holds, and when it is due. Times in milliseconds since the epoch. */
export const DebounceWindow = z.object({
  project: z.string(),
  service: z.string(),
  issueIds: z.array(z.string()).min(1),
  openedAt: z.number(),
  lastAt: z.number(),
  dueAt: z.number(),
});
export type DebounceWindow = z.infer<typeof DebounceWindow>;
