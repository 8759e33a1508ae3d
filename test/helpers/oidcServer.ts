import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

/** What the local OpenID provider says about the person who signs in. */
export interface OidcAccount {
  email: string;
  email_verified: boolean;
  groups: string[];
}

/** A real OpenID provider on loopback that signs everybody in as `account`, without asking. */
export interface OidcServer {
  issuer: string;
  account: OidcAccount;
  close(): Promise<void>;
}

export const OIDC_CLIENT = { id: "selfheal", secret: "a-client-secret-of-the-test" };

/** Starts the provider. It knows one client, and requires PKCE and exactly `redirectUri`. */
export async function startOidcServer(redirectUri: string, account: OidcAccount): Promise<OidcServer> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const made: OidcServer = {
    issuer,
    account,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
  const provider = new Provider(issuer, {
    clients: [{ client_id: OIDC_CLIENT.id, client_secret: OIDC_CLIENT.secret, redirect_uris: [redirectUri] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["groups"] },
    // The claims are in the ID token, as most providers send them.
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    cookies: { keys: ["a-key-of-the-test"] },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: async () => ({ sub: accountId, ...made.account }),
    }),
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  });
  const callback = provider.callback();
  server.on("request", async (request, response) => {
    if (request.url?.startsWith("/interaction/") !== true) return callback(request, response);
    const { params, session, prompt } = await provider.interactionDetails(request, response);
    const finish = (result: Record<string, unknown>) =>
      provider.interactionFinished(request, response, result, { mergeWithLastSubmission: prompt.name !== "login" });
    if (prompt.name === "login") return finish({ login: { accountId: "u1" } });
    const grant = new provider.Grant({ accountId: session?.accountId ?? "u1", clientId: String(params.client_id) });
    grant.addOIDCScope(String(params.scope));
    return finish({ consent: { grantId: await grant.save() } });
  });
  return made;
}
