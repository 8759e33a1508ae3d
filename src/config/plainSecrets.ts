import type { Fault } from "../domain/errors.ts";
import { type Path, pathText } from "./schemaShape.ts";

/** Credentials whose form alone identifies them. */
const SECRETS: readonly [what: string, form: RegExp][] = [
  ["an API key", /\bsk-[A-Za-z0-9_-]{16,}/],
  ["a Slack token", /\bxox[abeoprs]-[A-Za-z0-9-]{8,}/],
  ["a Slack webhook", /hooks\.slack\.com\/(services|workflows|triggers)\/\S+/],
  ["a GitHub token", /\b(gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/],
  ["a GitLab token", /\bglpat-[A-Za-z0-9_-]{16,}/],
  ["an AWS key", /\bAKIA[A-Z0-9]{16}\b/],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a password in a URL", /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i],
];

/** The kind of secret that a text contains, or null. */
export function secretIn(text: string): string | null {
  return SECRETS.find(([, form]) => form.test(text))?.[0] ?? null;
}

/**
 * Warns of every place in the configuration that contains a secret which belongs in the environment. The keys of
 * clients (`keys`) may be in the file.
 */
export function plainSecrets(input: unknown, path: Path = []): Fault[] {
  if (typeof input === "string") {
    const what = secretIn(input);
    const message = `holds ${what} in plain: keep it in the environment, and name its variable here where the key allows it`;
    return what === null ? [] : [{ path: pathText(path), message }];
  }
  if (typeof input !== "object" || input === null || (path.length === 1 && path[0] === "keys")) return [];
  const entries: [string | number, unknown][] = Array.isArray(input) ? [...input.entries()] : Object.entries(input);
  return entries.flatMap(([key, value]) => plainSecrets(value, [...path, key]));
}
