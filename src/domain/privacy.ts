import { z } from "zod";

/** What becomes of a kind of personal data: it stays, is cut down to what still tells groups of people apart, or goes. */
export const PersonalData = z.enum(["keep", "mask", "drop"]);
export type PersonalData = z.infer<typeof PersonalData>;

/** Text of one's own that is never kept; it is replaced by `[scrubbed:name]`. */
export interface PrivacyPattern {
  name: string;
  /** A regular expression without slashes and flags. */
  pattern: string;
  ignoreCase: boolean;
}

/** What is taken out of every Event before it is stored, beside what is secret for everybody. */
export interface PrivacyRules {
  /** Names whose values are never kept. */
  denyKeys: readonly string[];
  patterns: readonly PrivacyPattern[];
  emails: PersonalData;
  ipAddresses: PersonalData;
}

/** Where nothing is configured. */
export const DEFAULT_PRIVACY: PrivacyRules = { denyKeys: [], patterns: [], emails: "drop", ipAddresses: "drop" };
