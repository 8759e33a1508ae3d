import { z } from "zod";
import { Grant } from "../../domain/access.ts";
import { atStart, configKeys, live } from "../../domain/configKey.ts";

const ProviderName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "lower-case letters, digits and dashes only")
  .register(configKeys, atStart("its name, on the button and in the redirect URI `<publicUrl>/login/<name>/callback`"));
const ClientId = z.string().min(1).register(configKeys, atStart("the client id that the provider gave"));
const SecretEnv = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "name an environment variable; the secret stays out of the file")
  .register(configKeys, atStart("the variable that holds the client secret"));

/** A provider that people sign in with. */
const SignInProvider = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("oidc").register(configKeys, atStart("an OpenID Connect provider")),
    name: ProviderName,
    issuer: z.string().url().register(configKeys, atStart("the provider's issuer URL; https, or http on loopback")),
    clientId: ClientId,
    clientSecretEnv: SecretEnv,
    scope: z
      .string()
      .default("openid email profile")
      .register(configKeys, atStart("what is asked for; add the scope of groups where the provider needs one")),
    groupsClaim: z
      .string()
      .min(1)
      .default("groups")
      .register(configKeys, atStart("the claim of the ID token that lists a person's groups")),
  }),
  z.strictObject({
    type: z.literal("github").register(configKeys, atStart("GitHub, by an OAuth app")),
    name: ProviderName,
    clientId: ClientId,
    clientSecretEnv: SecretEnv,
    url: z
      .string()
      .url()
      .default("https://github.com")
      .register(configKeys, atStart("the site; another one for GitHub Enterprise Server")),
    apiUrl: z.string().url().default("https://api.github.com").register(configKeys, atStart("its API")),
  }),
]);
export type SignInProvider = z.infer<typeof SignInProvider>;

/** What somebody who signed in by a provider may do. */
const Person = z
  .strictObject({
    provider: z.string().min(1).register(configKeys, live("the name of the provider that must say so")),
    email: z.string().min(3).optional().register(configKeys, live("a verified e-mail address")),
    group: z.string().min(1).optional().register(configKeys, live("a group (OpenID Connect)")),
    login: z.string().min(1).optional().register(configKeys, live("a login (GitHub)")),
    role: Grant.shape.role.register(
      configKeys,
      live("`viewer` reads · `approver` also answers · `admin` also administers"),
    ),
    services: Grant.shape.services.register(configKeys, live('the services, or `"*"` for all')),
  })
  .refine(
    ({ email, group, login }) => [email, group, login].filter((one) => one !== undefined).length === 1,
    "give exactly one of email, group and login",
  );
export type Person = z.infer<typeof Person>;

/** Who may sign in, beside the admin token and users with tokens (docs/security.md). */
export const Access = z.strictObject({
  signIn: z
    .array(SignInProvider)
    .default([])
    .register(configKeys, atStart("providers that people sign in with; needs `publicUrl`")),
  people: z.array(Person).default([]).register(configKeys, live("what people may do who signed in by a provider")),
});
