import { SelfhealError } from "../../../domain/errors.ts";

/**
 * POSTs a JSON text. Throws SelfhealError `channel`, whose message never contains the URL, because the URL may be the
 * secret.
 */
export async function post(
  url: string,
  body: string,
  { headers = {}, signal }: { headers?: Record<string, string>; signal: AbortSignal },
): Promise<void> {
  let reply: Response;
  try {
    reply = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "selfheal", ...headers },
      body,
      signal,
      // A message and its signature are only for the configured address.
      redirect: "manual",
    });
  } catch (cause) {
    throw new SelfhealError("channel", `no answer: ${reasonOf(cause, signal)}`);
  }
  await reply.body?.cancel().catch(() => undefined);
  if (!reply.ok) throw new SelfhealError("channel", `it answered HTTP ${reply.status}`);
}

function reasonOf(thrown: unknown, signal: AbortSignal): string {
  if (signal.aborted) return "out of time";
  const { cause } = thrown as { cause?: { code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : "the connection failed";
}
