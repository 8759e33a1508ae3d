import type { Session } from "../access/sessions.ts";
import type { SystemStatus } from "../systemStatus.ts";
import { type Html, html, NOTHING } from "./html.ts";

export interface PageFrame {
  title: string;
  status: SystemStatus;
  /** Null for a program that reads the page with the token; the page then has no forms. */
  session: Session | null;
  /** Whether the person may pause selfheal, and let it go on. */
  mayPause: boolean;
  mayResume: boolean;
  /** A message at the top of the page, e.g. the result of an answer. */
  notice?: Notice | null;
}

export interface Notice {
  tone: "good" | "bad";
  text: string;
}

/** A complete page for a person with a session. The page's script refreshes `#live`. */
export function page(frame: PageFrame, body: Html): Html {
  const { status, session, notice = null } = frame;
  return bareDocument(
    frame.title,
    html`<a class="skip" href="#live">Skip to the content</a>
      <header class="top">
        <a class="brand" href="/" aria-label="selfheal, overview">${mark()}<span>selfheal</span></a>
        <p class="facts">
          <span class="badge ${status.paused ? "wait" : "good"}">${status.paused ? "Paused" : "Running"}</span>
          <a href="/autonomy">${status.autonomy} autonomy</a><a href="/ingest">ingest</a><span>${status.brain}</span><span>sandbox: ${status.sandbox}</span>
        </p>
        ${session === null ? NOTHING : controls(frame, session)}
      </header>
      <main id="live" data-live tabindex="-1">
        ${status.paused ? html`<p class="banner wait">Paused: no run starts and nothing is deployed, for ${status.pausedBecause}. Exceptions are still kept.</p>` : NOTHING}
        ${notice === null ? NOTHING : html`<p class="banner ${notice.tone}" role="status">${notice.text}</p>`}
        ${body}
      </main>`,
    html`<script src="/dashboard.js" defer></script><noscript><meta http-equiv="refresh" content="10"></noscript>`,
  );
}

/** The HTML document around every page, with or without a session. */
export function bareDocument(title: string, body: Html, head: Html = NOTHING): Html {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} · selfheal</title>
  <link rel="icon" href="/favicon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/dashboard.css">
  ${head}
</head>
<body>${body}</body>
</html>`;
}

/** The hidden field with the CSRF token. The server rejects a form without it. */
export function csrfField(session: Session): Html {
  return html`<input type="hidden" name="csrf" value="${session.csrf}">`;
}

function controls({ status: { paused }, mayPause, mayResume }: PageFrame, session: Session): Html {
  return html`<div class="controls">
    ${
      (paused ? mayResume : mayPause)
        ? html`<form method="post" action="${paused ? "/resume" : "/pause"}">
      ${csrfField(session)}<button class="plain">${paused ? "Resume" : "Pause"}</button>
    </form>`
        : NOTHING
    }
    ${mayResume ? html`<a href="/users">Users</a>` : NOTHING}
    <form method="post" action="/logout">
      ${csrfField(session)}<button class="plain" title="Signed in as ${session.by}">Sign out ${session.by}</button>
    </form>
  </div>`;
}

function mark(): Html {
  return html`<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><rect width="32" height="32" rx="9" class="mark-ground"/><path d="M6 17h5l3-7 4.5 13 3-9 1.5 3h3" class="mark-line"/></svg>`;
}
