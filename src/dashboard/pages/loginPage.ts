import { type Html, html, NOTHING } from "./html.ts";
import { bareDocument } from "./layout.ts";

/** The sign-in form. `next` is a path of this server. */
export function loginPage({ next, fault }: { next: string; fault: string | null }): Html {
  return bareDocument(
    "Sign in",
    html`<main class="login">
      <form method="post" action="/login" class="card">
        <h1>selfheal</h1>
        <p class="muted">The admin token was shown once, when selfheal was started for the first time; <code>selfheal serve --new-token</code> makes another.</p>
        ${fault === null ? NOTHING : html`<p class="banner bad" role="alert">${fault}</p>`}
        <input type="hidden" name="next" value="${next}">
        <label for="by">Your name, for the audit log</label>
        <input id="by" name="by" maxlength="128" autocomplete="username" placeholder="e.g. Ada">
        <label for="token">Admin token</label>
        <input id="token" name="token" type="password" required autocomplete="current-password" spellcheck="false" autofocus>
        <button class="primary">Sign in</button>
      </form>
    </main>`,
  );
}
