import { DEFAULT_PRIVACY, type PrivacyRules } from "../../domain/privacy.ts";
import { createCleanTexts } from "./cleanTexts.ts";

/** The configured rules, ready to be applied to texts. */
export interface Redaction extends Pick<PrivacyRules, "emails" | "ipAddresses"> {
  /** Whether what has this name is never kept, by configuration. */
  isDenied(name: string): boolean;
  patterns: readonly { mark: string; regex: RegExp }[];
  /** Texts in which these rules found nothing. */
  clean: Record<"all" | "quoted" | "json", ReturnType<typeof createCleanTexts>>;
}

/** The rules of a configuration that may change while it is used; made anew only when it did. */
export function redactionBy(rules: () => PrivacyRules): () => Redaction {
  // The configuration is one object for good, whose parts change.
  let made: { of: PrivacyRules; redaction: Redaction } | null = null;
  return () => {
    const { denyKeys, patterns, emails, ipAddresses } = rules();
    const of = { denyKeys, patterns, emails, ipAddresses };
    const isSame =
      made !== null && Object.entries(of).every(([key, value]) => made?.of[key as keyof typeof of] === value);
    if (made === null || !isSame) made = { of, redaction: redactionOf(of) };
    return made.redaction;
  };
}

/** Its patterns were checked when the configuration was read. */
export function redactionOf(rules: PrivacyRules): Redaction {
  const denied = new Set(rules.denyKeys.map(plainKey));
  return {
    emails: rules.emails,
    ipAddresses: rules.ipAddresses,
    clean: { all: createCleanTexts(), quoted: createCleanTexts(), json: createCleanTexts() },
    isDenied: (name) => denied.size > 0 && denied.has(plainKey(name)),
    patterns: rules.patterns.map(({ name, pattern, ignoreCase }) => ({
      mark: `[scrubbed:${name}]`,
      regex: new RegExp(pattern, ignoreCase ? "giu" : "gu"),
    })),
  };
}

/** Where nothing is configured. */
export const BUILT_IN = redactionOf(DEFAULT_PRIVACY);

/** Names are compared without case, `-` and `_`. */
function plainKey(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, "");
}

/** What only tells where somebody has their mail. */
export function maskEmail(address: string): string {
  return `[email:${address.slice(address.search(/@|%40/)).replace(/^(?:@|%40)/, "")}]`;
}

/** The /24 network. Masking again changes nothing. */
export function maskIPv4(address: string): string {
  return address.replace(/\d{1,3}$/, "0");
}

/** The /48 network. Masking again changes nothing. */
export function maskIPv6(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = [...head.split(":").filter(Boolean), ...(tail === undefined ? [] : ["0", "0", "0"])];
  return `${groups.slice(0, 3).join(":")}::`;
}
