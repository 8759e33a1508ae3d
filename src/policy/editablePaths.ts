import type { Plan } from "../domain/plan.ts";
import { protectionOf } from "./protectedPaths.ts";
import { isTestPath } from "./testPaths.ts";

const CODE = /\.(?:[cm]?[jt]sx?|ex|exs|py|rb|go|java|kt|rs|php|vue|svelte)$/i;

/** Files that a model may not even read: it could disclose them. */
const SECRET_FILE = new RegExp(
  [
    "(?:^|/)\\.(?:env(?:rc|\\..*)?|npmrc|yarnrc\\.yml|pypirc|netrc|pgpass|htpasswd|git-credentials|dockercfg|boto|vault-token)$",
    "(?:^|/)id_(?:rsa|dsa|ecdsa|ed25519)$",
    "(?:^|/)(?:credentials(?:\\.json)?|\\.docker/config\\.json|service[-_]?account[^/]*\\.json)$",
    "(?:^|/)[^/]*secrets?(?:\\.[\\w-]+)?\\.(?:ya?ml|json|toml|ini|exs|properties|env|enc)$",
    "\\.(?:pem|key|p12|pfx|jks|keystore|kdbx|asc|tfstate|tfvars|env)$",
  ].join("|"),
  "i",
);

/**
 * Why a model may not change a file; null: it may. Files that judge the Patch and protected files are excluded, except protected code that
 * crashed: a crash in `session.ts` is worth a proposal, and the gate asks a person about it anyway.
 */
export function whyNotEditable(
  path: string,
  where: { places: Plan["places"]; protectedPaths: readonly string[]; judges: { has(path: string): boolean } },
): string | null {
  if (isTestPath(path)) return "it is a test";
  const protection = protectionOf(path, where.protectedPaths);
  const crashed = where.places.some((place) => place.file === path);
  const hidden = path.split("/").some((segment) => segment.startsWith("."));
  if (protection !== null && !(crashed && CODE.test(path) && !hidden)) return `it is ${protection}`;
  return where.judges.has(path) ? "it judges the patch: a command or a test loads it" : null;
}

/** Whether a file is likely to contain credentials, by its name. */
export function isSecretFile(path: string): boolean {
  return SECRET_FILE.test(path);
}
