import { z } from "zod";

/**
 * How a kind of personal data is treated. keep: unchanged. mask: shortened so that it still distinguishes groups of
 * people. drop: removed.
 */
export const PersonalData = z.enum(["keep", "mask", "drop"]);
export type PersonalData = z.infer<typeof PersonalData>;

/** A configured pattern of text that is never stored. `[scrubbed:name]` replaces each match. */
export interface PrivacyPattern {
  name: string;
  /** A regular expression, without slashes and flags. */
  pattern: string;
  ignoreCase: boolean;
}

/** What is removed from every Event before it is stored, in addition to the secrets that are always removed. */
export interface PrivacyRules {
  /** Names whose values are never stored. */
  denyKeys: readonly string[];
  patterns: readonly PrivacyPattern[];
  emails: PersonalData;
  ipAddresses: PersonalData;
}

/** The rules without configuration. */
export const DEFAULT_PRIVACY: PrivacyRules = { denyKeys: [], patterns: [], emails: "drop", ipAddresses: "drop" };
