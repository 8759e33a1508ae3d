import type { Config } from "../config/index.ts";
import type { ProviderSettings } from "../dashboard/access/signInProviders.ts";
import { type Fault, InvalidInputError } from "../domain/errors.ts";

/**
 * The configured sign-in providers with their secrets. Throws InvalidInputError `config` with every fault: a variable
 * that is not set, a name twice, no `publicUrl`.
 */
export function signInProviders(
  { access, publicUrl }: Pick<Config, "access" | "publicUrl">,
  secretOf: (name: string) => string | undefined,
): ProviderSettings[] {
  const faults: Fault[] = [];
  const providers = access.signIn.map(({ clientSecretEnv, ...settings }, index) => {
    const path = `access.signIn[${index}]`;
    const clientSecret = secretOf(clientSecretEnv) ?? "";
    if (clientSecret === "")
      faults.push({ path: `${path}.clientSecretEnv`, message: `the variable ${clientSecretEnv} is not set` });
    if (access.signIn.slice(0, index).some(({ name }) => name === settings.name))
      faults.push({ path: `${path}.name`, message: `"${settings.name}" is there twice` });
    return { ...settings, clientSecret };
  });
  if (providers.length > 0 && publicUrl === undefined)
    faults.push({ path: "publicUrl", message: "sign-in by a provider needs it: the redirect URI begins with it" });
  if (faults.length > 0) throw new InvalidInputError("config", faults);
  return providers;
}
