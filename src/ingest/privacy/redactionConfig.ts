import { DEFAULT_PRIVACY, type PrivacyRules } from "../../domain/privacy.ts";
import { createCleanTexts } from "./cleanTextCache.ts";

/** The configured rules, in a form that can be applied to texts. */
export interface Redaction extends Pick<PrivacyRules, "emails" | "ipAddresses"> {
  /** Whether the configuration forbids to keep values under this name. */
  isDenied(name: string): boolean;
  patterns: readonly { mark: string; regex: RegExp }[];
  /** Texts in which these rules found nothing. */
  clean: Record<"all" | "quoted" | "json", ReturnType<typeof createCleanTexts>>;
}

/** Returns the redaction of the current configuration. It is rebuilt only when the configuration has changed. */
export function redactionBy(rules: () => PrivacyRules): () => Redaction {
  // The configuration is one permanent object whose properties change, so the properties are compared.
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

/** Builds a redaction. The patterns were validated when the configuration was read. */
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

/** The redaction without any configuration. */
export const BUILT_IN = redactionOf(DEFAULT_PRIVACY);

/** Names are compared without case, `-` and `_`. */
function plainKey(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, "");
}

/** Keeps only the domain of an email address. */
export function maskEmail(address: string): string {
  return `[email:${address.slice(address.search(/@|%40/)).replace(/^(?:@|%40)/, "")}]`;
}

/** Returns the /24 network of an address. Idempotent. */
export function maskIPv4(address: string): string {
  return address.replace(/\d{1,3}$/, "0");
}

/** Returns the /48 network of an address. Idempotent. */
export function maskIPv6(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = [...head.split(":").filter(Boolean), ...(tail === undefined ? [] : ["0", "0", "0"])];
  return `${groups.slice(0, 3).join(":")}::`;
}
