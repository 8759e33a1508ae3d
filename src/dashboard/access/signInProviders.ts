import * as client from "openid-client";
import type { Grant } from "../../domain/access.ts";
import { SelfhealError } from "../../domain/errors.ts";
import type { ProviderClaims } from "./credentials.ts";

/** A configured provider, with its secret. */
export type ProviderSettings = { name: string; clientId: string; clientSecret: string } & (
  | { type: "oidc"; issuer: string; scope: string; groupsClaim: string }
  | { type: "github"; url: string; apiUrl: string }
);

/** A line of the mapping from people to roles. */
export interface MappedPerson {
  provider: string;
  email?: string | undefined;
  group?: string | undefined;
  login?: string | undefined;
  role: Grant["role"];
  services: Grant["services"];
}

/** What one sign-in keeps until the provider sends the person back. */
export interface PendingSignIn {
  state: string;
  nonce: string;
  verifier: string;
}

/** One way to sign in. */
export interface SignInProvider {
  readonly name: string;
  /** Where the browser goes. Throws if the provider cannot be reached. */
  begin(redirectUri: string): Promise<{ url: URL; pending: PendingSignIn }>;
  /** Checks the answer and returns who it is. Throws for every answer that does not belong to `pending`. */
  finish(callback: URL, pending: PendingSignIn): Promise<ProviderClaims>;
}

/** Creates a provider. Nothing is requested before the first sign-in. */
export function createSignInProvider(settings: ProviderSettings): SignInProvider {
  let found: Promise<client.Configuration> | undefined;
  const configuration = () => {
    // A provider that was out of reach is asked again at the next sign-in.
    found ??= discover(settings).catch((cause) => {
      found = undefined;
      throw cause;
    });
    return found;
  };
  return {
    name: settings.name,
    async begin(redirectUri) {
      const pending = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      };
      const url = client.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: settings.type === "oidc" ? settings.scope : "read:user user:email",
        state: pending.state,
        code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: "S256",
        ...(settings.type === "oidc" && { nonce: pending.nonce }),
      });
      return { url, pending };
    },
    async finish(callback, { state, nonce, verifier }) {
      const checks = { expectedState: state, pkceCodeVerifier: verifier };
      const config = await configuration();
      if (settings.type === "github") {
        const { access_token: token } = await client.authorizationCodeGrant(config, callback, checks);
        return githubClaims(config, settings, token);
      }
      const oidc = { ...checks, expectedNonce: nonce, idTokenExpected: true };
      const claims = (await client.authorizationCodeGrant(config, callback, oidc)).claims();
      if (claims === undefined) throw new SelfhealError("signIn", "the provider sent no ID token");
      const groups = claims[settings.groupsClaim];
      return {
        provider: settings.name,
        subject: claims.sub,
        email: claims.email_verified === true && typeof claims.email === "string" ? claims.email : null,
        login: null,
        groups: Array.isArray(groups) ? groups.filter((group) => typeof group === "string") : [],
      };
    },
  };
}

/** The grants of a person, by every line of the mapping that names them. */
export function grantsOfClaims(people: readonly MappedPerson[], claims: ProviderClaims): Grant[] {
  const same = (a: string | undefined, b: string | null) => a !== undefined && a.toLowerCase() === b?.toLowerCase();
  return people
    .filter(({ provider }) => provider === claims.provider)
    .filter(
      ({ email, group, login }) =>
        same(email, claims.email) ||
        same(login, claims.login) ||
        (group !== undefined && claims.groups.includes(group)),
    )
    .map(({ role, services }) => ({ role, services }));
}

/** The name for the audit log: the provider's own name for the person, which nobody can type. */
export function nameOfClaims({ provider, email, login, subject }: ProviderClaims): string {
  return (email ?? (login === null ? `${provider}:${subject}` : `${provider}:${login}`)).slice(0, 128);
}

function discover(settings: ProviderSettings): Promise<client.Configuration> {
  const { clientId, clientSecret } = settings;
  const insecure = (url: string) => (isLoopback(url) ? [client.allowInsecureRequests] : []);
  if (settings.type === "oidc")
    return client.discovery(new URL(settings.issuer), clientId, clientSecret, undefined, {
      execute: insecure(settings.issuer),
    });
  const server = {
    issuer: settings.url,
    authorization_endpoint: `${settings.url}/login/oauth/authorize`,
    token_endpoint: `${settings.url}/login/oauth/access_token`,
  };
  const config = new client.Configuration(server, clientId, clientSecret);
  for (const allow of insecure(settings.url)) allow(config);
  return Promise.resolve(config);
}

/** GitHub has no ID token: its API says who the access token belongs to. */
async function githubClaims(
  config: client.Configuration,
  { name, apiUrl }: { name: string; apiUrl: string },
  token: string,
): Promise<ProviderClaims> {
  const get = async (path: string): Promise<unknown> => {
    const headers = new Headers({ accept: "application/vnd.github+json", "user-agent": "selfheal" });
    const reply = await client.fetchProtectedResource(config, token, new URL(`${apiUrl}${path}`), "GET", null, headers);
    if (!reply.ok) throw new SelfhealError("signIn", `GitHub answered ${reply.status} to ${path}`);
    return reply.json();
  };
  const user = (await get("/user")) as { id?: unknown; login?: unknown };
  if (typeof user.id !== "number" || typeof user.login !== "string")
    throw new SelfhealError("signIn", "GitHub named no user");
  const emails = (await get("/user/emails")) as { email?: unknown; primary?: unknown; verified?: unknown }[];
  const primary = emails.find((one) => one.primary === true && one.verified === true)?.email;
  return {
    provider: name,
    subject: String(user.id),
    email: typeof primary === "string" ? primary : null,
    login: user.login,
    groups: [],
  };
}

function isLoopback(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
}
