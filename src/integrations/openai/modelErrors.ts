import { classifyRateLimitError } from "@langchain/core/utils/async_caller";
import { ModelError, type ModelErrorCode } from "../../domain/modelError.ts";
import { withoutKey } from "./maskSecrets.ts";

/** Errors that the libraries throw for a reply that cannot be read. HTML or empty choices cause a bare TypeError. */
const UNREADABLE = ["SyntaxError", "TypeError", "ZodError", "$ZodError", "OutputParserException"];
const CHARACTERS = 300;

/**
 * Maps any thrown value to a ModelError with one code of a fixed set. The key is removed from every text that is kept.
 * The cause is a description, because the original contains headers and may contain the key, and loggers print causes.
 */
export function modelErrorFrom(thrown: unknown, apiKey: string): ModelError {
  if (thrown instanceof ModelError) return thrown;
  const [code, what] = diagnose(thrown);
  const text = shorten(textOf(thrown), apiKey);
  return new ModelError(code, text === "" ? what : `${what}: ${text}`, {
    cause: { name: nameOf(thrown), status: fieldOf(thrown, "status"), message: text },
  });
}

function diagnose(thrown: unknown): [ModelErrorCode, string] {
  const name = nameOf(thrown);
  if (name === "AbortError" || name === "APIUserAbortError") return ["model.aborted", "the call was called off"];
  if (name === "TimeoutError") return ["model.timeout", "the model took too long"];
  if (nameInChain(thrown, /ContentFilter|ModelRefusal/)) return ["model.refused", "the model refused"];
  if (nameInChain(thrown, /LengthFinishReason/)) return ["model.badReply", "the reply was cut off"];
  if (name === "ContextOverflowError") return ["model.rejected", "the prompt is too long for the model"];
  const status = fieldOf(thrown, "status");
  if (typeof status === "number") return byStatus(status, thrown);
  if (isConnectionFault(thrown)) return ["model.unavailable", "no answer from the endpoint"];
  if (UNREADABLE.includes(name)) return ["model.badReply", "the reply cannot be read"];
  return ["model.rejected", "the request could not be made"];
}

function byStatus(status: number, thrown: unknown): [ModelErrorCode, string] {
  if (status === 401 || status === 403) return ["model.unauthorized", "the endpoint does not accept the key"];
  if (status === 402) return ["model.quota", "the account's quota is used up"];
  if (status === 429) {
    return classifyRateLimitError(thrown)?.action === "stop"
      ? ["model.quota", "the account's quota is used up"]
      : ["model.rateLimited", "the endpoint limits the rate"];
  }
  if (status >= 500 || status === 408) return ["model.unavailable", "the endpoint failed"];
  return ["model.rejected", "the endpoint did not take the request"];
}

/** Also recognises a reset in the middle of a body: undici throws a TypeError "terminated" whose cause has the code. */
function isConnectionFault(thrown: unknown): boolean {
  return chain(thrown).some(
    (e) =>
      nameOf(e) === "APIConnectionError" ||
      /^(UND_ERR_|E[A-Z]{4,}|HPE_)/.test(String(fieldOf(e, "code") ?? "")) ||
      (e instanceof TypeError && e.message === "terminated"),
  );
}

function nameInChain(thrown: unknown, pattern: RegExp): boolean {
  return chain(thrown).some((e) => pattern.test(nameOf(e)));
}

function chain(thrown: unknown): unknown[] {
  const links: unknown[] = [];
  for (let e = thrown; e !== undefined && e !== null && links.length < 6; e = fieldOf(e, "cause")) links.push(e);
  return links;
}

/** The SDK's classes leave `name` at "Error"; the constructor's name is more precise there. */
function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "";
  return thrown.name === "Error" ? thrown.constructor.name : thrown.name;
}

function fieldOf(thrown: unknown, field: string): unknown {
  return typeof thrown === "object" && thrown !== null ? (thrown as Record<string, unknown>)[field] : undefined;
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** OpenAI repeats a part of a wrong key, so everything that looks like a key is removed too. */
function shorten(text: string, apiKey: string): string {
  return withoutKey(text, apiKey, "[key]")
    .replace(/\b(sk|pk|key)-[\w*.-]{4,}/gi, "[key]")
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .replace(/\s*Troubleshooting URL:.*$/, "")
    .trim()
    .slice(0, CHARACTERS);
}
