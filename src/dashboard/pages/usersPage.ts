import { describeGrants, Role, type User } from "../../domain/access.ts";
import type { Session } from "../access/sessions.ts";
import type { ShownToken } from "../api/userRoutes.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { moment } from "./htmlParts.ts";
import { csrfField } from "./layout.ts";

export interface UsersPage {
  users: readonly (User & { tokens: readonly ShownToken[] })[];
  /** Null for a program: the page then has no forms. */
  session: Session | null;
  /** A token that was made just now. It is on no later page. */
  issued: { name: string; token: string } | null;
  now: number;
}

/** Users, what they may do, and their tokens. */
export function usersBody({ users, session, issued, now }: UsersPage): Html {
  return html`<h1>Users</h1>
    ${issued === null ? NOTHING : html`<p class="banner good" role="status">The token of ${issued.name}, shown this once: <code>${issued.token}</code></p>`}
    <p class="muted">Whoever holds the admin token is the user admin. People who sign in by a provider have the roles of the configuration (access.people).</p>
    ${users.map((user) => userCard(user, session, now))}
    ${session === null ? NOTHING : addForm(session)}`;
}

function userCard(user: UsersPage["users"][number], session: Session | null, now: number): Html {
  const valid = user.tokens.filter(({ revokedAt }) => revokedAt === null);
  return html`<section class="card">
    <h2>${user.name} <span class="muted">${describeGrants(user.grants)}</span></h2>
    ${valid.map((token) => tokenLine(token, session, now))}
    ${
      session === null
        ? NOTHING
        : html`<form method="post" action="/users/${encodeURIComponent(user.name)}/token">${csrfField(session)}<button>New token</button></form>
      <form method="post" action="/users/${encodeURIComponent(user.name)}/remove">${csrfField(session)}<button class="danger">Remove</button></form>`
    }
  </section>`;
}

function tokenLine({ id, lastUsedAt }: ShownToken, session: Session | null, now: number): Html {
  const used = lastUsedAt === null ? "never used" : html`last used ${moment(lastUsedAt, now)}`;
  const revoke =
    session === null
      ? NOTHING
      : html`<form method="post" action="/tokens/${id}/revoke">${csrfField(session)}<button class="plain">Revoke</button></form>`;
  return html`<p>Token <code>${id}</code>, ${used}</p>${revoke}`;
}

function addForm(session: Session): Html {
  return html`<section class="card"><h2>Add a user</h2>
    <form method="post" action="/users" class="answer">
      ${csrfField(session)}
      <label for="name">Name</label><input id="name" name="name" required maxlength="64">
      <label for="role">Role</label>
      <select id="role" name="role">${Role.options.map((role) => html`<option value="${role}">${role}</option>`)}</select>
      <label for="services">Services, separated by commas (empty: all)</label><input id="services" name="services" maxlength="2000">
      <button class="primary">Add</button>
    </form></section>`;
}
