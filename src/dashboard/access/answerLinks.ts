import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { ApprovalKind, type ApprovalRequest } from "../../domain/approval.ts";
import { plainText } from "../../domain/plainText.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Settings } from "../../domain/ports/settings.ts";
import { newSecret } from "./adminToken.ts";

const SECRET_KEY = "answerLinkSecret";
const DAY_MS = 86_400_000;
/** How long a link is valid, in milliseconds. A reminder contains a new link. */
const LIFETIME_MS = 7 * DAY_MS;
/** ApprovalDecision.by is limited to 128 characters, and ` (link)` is appended. */
const MAX_RECIPIENT = 120;

/** The rights of a link: to answer one question of one ticket about one Patch, as one recipient, until it expires. */
export interface AnswerLink {
  ticketId: string;
  kind: ApprovalKind;
  askedAt: number;
  patchDigest: string | null;
  recipient: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** A tuple keeps the token short. The first element is the format version. */
const Claims = z.tuple([
  z.literal(1),
  z.string().uuid(),
  ApprovalKind,
  z.number(),
  z.string().nullable(),
  z.string().min(1).max(MAX_RECIPIENT),
  z.number(),
]);

/** Creates signed links for notifications. */
export interface AnswerLinks {
  /** A link with which `recipient` can answer this question once; null if no `publicUrl` is configured. */
  linkFor(ticketId: string, request: ApprovalRequest, recipient: string): Promise<string | null>;
}

/**
 * Returns the secret that signs links, and creates it at the first start. Replacing it invalidates every link that was
 * sent.
 */
export async function ensureLinkSecret(settings: Settings): Promise<string> {
  const kept = await settings.get(SECRET_KEY);
  if (kept !== null) return kept;
  const secret = newSecret();
  await settings.set(SECRET_KEY, secret);
  return secret;
}

/**
 * Creates signed links for messages (Slack, e-mail). Opening a link changes nothing. Anyone who has the link can
 * answer, once.
 */
export function createAnswerLinks(deps: {
  settings: Settings;
  /** The public URL of the server; may contain a path. */
  publicUrl: string | undefined;
  clock: Clock;
  lifetimeMs?: number;
}): AnswerLinks {
  const { settings, publicUrl, clock, lifetimeMs = LIFETIME_MS } = deps;
  let secret: Promise<string> | undefined;
  return {
    async linkFor(ticketId, { kind, askedAt, patchDigest }, recipient) {
      if (publicUrl === undefined) return null;
      secret ??= ensureLinkSecret(settings);
      const who = plainText(recipient).trim().slice(0, MAX_RECIPIENT) || "unknown";
      const expiresAt = clock.now() + lifetimeMs;
      const token = signLink({ ticketId, kind, askedAt, patchDigest, recipient: who, expiresAt }, await secret);
      return `${publicUrl.replace(/\/+$/, "")}/answer/${token}`;
    },
  };
}

/** A token of the form `<claims>.<HMAC-SHA256>`, both parts in base64url. */
export function signLink(link: AnswerLink, secret: string): string {
  const { ticketId, kind, askedAt, patchDigest, recipient, expiresAt } = link;
  const claims: z.infer<typeof Claims> = [1, ticketId, kind, askedAt, patchDigest, recipient, expiresAt];
  const text = Buffer.from(JSON.stringify(claims), "utf8").toString("base64url");
  return `${text}.${signatureOf(text, secret).toString("base64url")}`;
}

/**
 * Verifies the signature and returns the claims; null for every other token. The caller must check expiry and whether
 * the question is still open.
 */
export async function readLink(settings: Settings, token: string): Promise<AnswerLink | null> {
  const secret = await settings.get(SECRET_KEY);
  const [text, signature, ...more] = token.split(".");
  if (secret === null || text === undefined || signature === undefined || more.length > 0) return null;
  const given = Buffer.from(signature, "base64url");
  const expected = signatureOf(text, secret);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const parsed = Claims.safeParse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  if (!parsed.success) return null;
  const [, ticketId, kind, askedAt, patchDigest, recipient, expiresAt] = parsed.data;
  return { ticketId, kind, askedAt, patchDigest, recipient, expiresAt };
}

function signatureOf(text: string, secret: string): Buffer {
  return createHmac("sha256", secret).update("answer-link:").update(text).digest();
}
