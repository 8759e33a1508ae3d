import { type Html, html, NOTHING } from "./html.ts";
import { bareDocument } from "./layout.ts";

export interface LoginPage {
  /** A path of this server. */
  next: string;
  /** Names of the configured sign-in providers. */
  providers: readonly string[];
  fault: string | null;
}

/** The sign-in page. Nobody types a name: the token or the provider says who it is. */
export function loginPage({ next, providers, fault }: LoginPage): Html {
  return bareDocument(
    "Sign in",
    html`<main class="login">
      <form method="post" action="/login" class="card">
        <h1>selfheal</h1>
        ${fault === null ? NOTHING : html`<p class="banner bad" role="alert">${fault}</p>`}
        ${providers.map((name) => html`<p><a class="button" href="/login/${encodeURIComponent(name)}?next=${encodeURIComponent(next)}">Sign in with ${name}</a></p>`)}
        <p class="muted">An admin makes a token for you: <code>selfheal user add</code>. The admin token was shown once, when selfheal was started for the first time; <code>selfheal serve --new-token</code> makes another.</p>
        <input type="hidden" name="next" value="${next}">
        <label for="token">Token</label>
        <input id="token" name="token" type="password" required autocomplete="current-password" spellcheck="false" autofocus>
        <button class="primary">Sign in</button>
      </form>
    </main>`,
  );
}

/** A page for somebody who could not be signed in by a provider, or who was. */
export function signInNote(title: string, text: string, next: string | null): Html {
  return bareDocument(
    title,
    html`<main class="login"><div class="card"><h1>${title}</h1><p>${text}</p>
      <p><a href="${next ?? "/login"}">${next === null ? "Back to sign-in" : "Go on"}</a></p></div></main>`,
    next === null ? NOTHING : html`<meta http-equiv="refresh" content="0;url=${next}">`,
  );
}
