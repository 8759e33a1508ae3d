import { randomUUID } from "node:crypto";
import type { BaseMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import { ModelError } from "../../domain/modelError.ts";
import type { ChatModel, ChatTurn, ModelUsage, ToolCall, ToolSpec } from "../../domain/ports/chatModel.ts";
import { createTurnMask } from "./maskSecrets.ts";
import { modelErrorFrom } from "./modelErrors.ts";
import { onlyJson, readTextReply, turnsInWords } from "./textToolCalls.ts";
import { estimate, jsonSchemaOf, messagesOf, toolOf, usageOf, withSchemaInWords } from "./wireFormat.ts";

/** The settings of one model. */
export interface OpenAIModelOptions {
  /** The model's name at the endpoint. */
  name: string;
  /**
   * An OpenAI-compatible endpoint, ending in /v1. Default: OpenAI's own. It is never read from an environment variable.
   */
  baseUrl?: string;
  apiKey: string;
  /**
   * How structured replies are requested, because not every server supports strict JSON schema. `text`: the schema is
   * in the prompt, and the server needs no special support.
   */
  structuredOutput: "jsonSchema" | "functionCalling" | "jsonMode" | "text";
  /** `text`: tools are described in the prompt, and calls are parsed from the reply. Default: native. */
  toolCalls?: "native" | "text";
  /** Timeout of one request, body included, milliseconds. */
  timeoutMs: number;
  /** Retries after a rate limit, a 5xx, a lost connection or a timeout. */
  maxRetries: number;
}

const OPENAI = "https://api.openai.com/v1";

/**
 * A ChatModel over any OpenAI-compatible endpoint. Every failure is a ModelError. A reply that cannot be read is
 * requested once more, with its fault named.
 *
 * @example
 * const limits = { timeoutMs: 60_000, maxRetries: 1 };
 * const model = createOpenAIModel({ name: "gpt-5-mini", apiKey, structuredOutput: "jsonSchema", ...limits });
 * const { value, usage } = await model.structured({ turns, schema, schemaName: "plan" });
 */
export function createOpenAIModel(options: OpenAIModelOptions): ChatModel {
  const chat = new ChatOpenAI({
    model: options.name,
    apiKey: options.apiKey,
    maxRetries: options.maxRetries,
    timeout: options.timeoutMs,
    configuration: { baseURL: options.baseUrl ?? OPENAI, fetch: fetchWithin(options.timeoutMs) },
    // The only way to read a refusal: the library drops its text from the message.
    __includeRawResponse: true,
    // `modelErrorFrom` alone decides what is retried: the library would also retry unreadable replies.
    onFailedAttempt: (error: unknown) => {
      const fault = modelErrorFrom(error, options.apiKey);
      if (!fault.retryable) throw error;
    },
  });
  const mask = createTurnMask(options.apiKey);
  const ask = <R>(turns: readonly ChatTurn[], signal: AbortSignal | undefined, once: Once<R>) =>
    askTwice(turns, (wanted) => within(signal, async (own) => once(await mask(wanted), own)), options.apiKey);
  return {
    name: options.name,
    structured: async (request) => {
      const { reply, usage } = await ask(request.turns, request.signal, (turns, signal) =>
        structuredOnce(chat, options, request, turns, signal),
      );
      return { value: reply, usage };
    },
    withTools: async (request) => {
      const { reply, usage } = await ask(request.turns, request.signal, (turns, signal) =>
        (options.toolCalls === "text" ? textToolsOnce : toolsOnce)(chat, request.tools, turns, signal),
      );
      return { ...reply, usage };
    },
  };
}

/** The result of one request: a reply, or a fault with a short excerpt of the reply. */
type Asked<R> = ({ reply: R } | { fault: string; said: string }) & { usage: ModelUsage };
type Once<R> = (turns: readonly ChatTurn[], signal: AbortSignal) => Promise<Asked<R>>;
type Ask<R> = (turns: readonly ChatTurn[]) => Promise<Asked<R>>;

/** Makes one request, and after a bad reply a second one with the fault. Adds up the usage of both. */
async function askTwice<R>(turns: readonly ChatTurn[], ask: Ask<R>, apiKey: string) {
  const first = await askOnce(turns, ask, apiKey, NOTHING);
  if ("reply" in first) return first;
  const second = await askOnce([...turns, ...correction(first.fault, first.said)], ask, apiKey, first.usage);
  const usage = sum(first.usage, second.usage);
  if ("reply" in second) return { reply: second.reply, usage };
  throw new ModelError("model.badReply", `the reply is not what was asked for: ${second.fault}`, { usage });
}

/** Makes one request. Throws ModelError, with the tokens spent so far, for every failure except a bad reply. */
async function askOnce<R>(turns: readonly ChatTurn[], ask: Ask<R>, apiKey: string, spent: ModelUsage) {
  try {
    return await ask(turns);
  } catch (thrown) {
    const fault = modelErrorFrom(thrown, apiKey);
    if (fault.code === "model.badReply") return { fault: fault.message, said: "", usage: estimate(turns) };
    throw new ModelError(fault.code, fault.message, { cause: fault.cause, usage: spent });
  }
}

async function structuredOnce<T>(
  chat: ChatOpenAI,
  options: OpenAIModelOptions,
  request: { schema: z.ZodType<T>; schemaName: string },
  turns: readonly ChatTurn[],
  signal: AbortSignal,
): Promise<Asked<T>> {
  const schema = jsonSchemaOf(request.schema);
  const method = options.structuredOutput;
  if (method === "text") return structuredInText(chat, request, withSchemaInWords(turns, schema), signal);
  const runnable = chat.withStructuredOutput<Record<string, unknown>>(schema, {
    name: request.schemaName,
    method,
    includeRaw: true,
    ...(method === "jsonSchema" ? { strict: true } : {}),
  });
  const messages = messagesOf(method === "jsonMode" ? withSchemaInWords(turns, schema) : turns);
  const { raw, parsed } = await runnable.invoke(messages, { signal });
  throwIfRefused(raw);
  const usage = usageOf(raw, turns);
  if (parsed === null || parsed === undefined) {
    return { fault: "it is not the JSON object that was asked for", said: raw.text, usage };
  }
  return checkedReply(request.schema, parsed, usage);
}

async function structuredInText<T>(
  chat: ChatOpenAI,
  { schema }: { schema: z.ZodType<T> },
  turns: readonly ChatTurn[],
  signal: AbortSignal,
): Promise<Asked<T>> {
  const { raw, usage } = await talk(chat, turns, signal);
  const value = onlyJson(raw.text);
  if (value === undefined) return { fault: "it is not one JSON object and nothing else", said: raw.text, usage };
  return checkedReply(schema, value, usage);
}

function checkedReply<T>(schema: z.ZodType<T>, value: unknown, usage: ModelUsage): Asked<T> {
  const checked = schema.safeParse(value);
  return checked.success
    ? { reply: checked.data, usage }
    : { fault: faultsOf(checked.error), said: JSON.stringify(value), usage };
}

/** A request with nothing but text. */
async function talk(chat: ChatOpenAI, turns: readonly ChatTurn[], signal: AbortSignal) {
  const raw = await chat.invoke(messagesOf(turns), { signal });
  throwIfRefused(raw);
  return { raw, usage: usageOf(raw, turns) };
}

async function toolsOnce(
  chat: ChatOpenAI,
  tools: readonly ToolSpec[],
  turns: readonly ChatTurn[],
  signal: AbortSignal,
): Promise<Asked<{ text: string; toolCalls: ToolCall[] }>> {
  const raw = await chat.bindTools(tools.map(toolOf)).invoke(messagesOf(turns), { signal });
  throwIfRefused(raw);
  const usage = usageOf(raw, turns);
  // A call whose arguments are not JSON is passed on as text: the tool's own check answers it like any other bad
  // argument.
  const toolCalls = [...(raw.tool_calls ?? []), ...(raw.invalid_tool_calls ?? [])].map((call, i) => ({
    id: call.id ?? `call_${i}`,
    name: call.name ?? "",
    args: call.args as unknown,
  }));
  return { reply: { text: raw.text, toolCalls }, usage };
}

async function textToolsOnce(
  chat: ChatOpenAI,
  tools: readonly ToolSpec[],
  turns: readonly ChatTurn[],
  signal: AbortSignal,
): Promise<Asked<{ text: string; toolCalls: ToolCall[] }>> {
  const { raw, usage } = await talk(chat, turnsInWords(turns, tools), signal);
  const read = readTextReply(raw.text);
  if (read.kind === "fault") return { fault: read.fault, said: raw.text, usage };
  const toolCalls = read.toolCalls.map((call) => ({ id: randomUUID(), ...call }));
  return { reply: { text: read.text, toolCalls }, usage };
}

/** Limits a whole exchange. The SDK's own timeout ends with the headers, but a body can stall too. */
function fetchWithin(timeoutMs: number): typeof fetch {
  return (url, init) => {
    const limit = AbortSignal.timeout(timeoutMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit;
    return fetch(url, { ...init, signal });
  };
}

/**
 * Rejects at once on abort: the library checks the signal only between retries. Each piece of work has its own signal,
 * because the SDK leaves its listeners on the signal it is given.
 */
function within<T>(signal: AbortSignal | undefined, work: (own: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  return new Promise((resolve, reject) => {
    const stop = () => {
      reject(new ModelError("model.aborted", "the call was called off"));
      own.abort();
    };
    if (signal?.aborted) return stop();
    signal?.addEventListener("abort", stop, { once: true });
    work(own.signal)
      .then(resolve, reject)
      .finally(() => signal?.removeEventListener("abort", stop));
  });
}

function correction(fault: string, said: string): ChatTurn[] {
  const repeated: ChatTurn[] = said === "" ? [] : [{ role: "assistant", content: said.slice(0, 2000) }];
  return [...repeated, { role: "user", content: `That reply was not accepted: ${fault}. Reply again, corrected.` }];
}

const Refusal = z.object({ choices: z.array(z.object({ message: z.object({ refusal: z.string().min(1) }) })).min(1) });

function throwIfRefused(raw: BaseMessage): void {
  const refused = Refusal.safeParse(raw.additional_kwargs.__raw_response).success;
  if (refused || raw.response_metadata.finish_reason === "content_filter") {
    throw new ModelError("model.refused", "the model refused");
  }
}

function faultsOf(error: z.ZodError): string {
  const faults = error.issues.slice(0, 5).map((i) => `${i.path.join(".") || "reply"}: ${i.message}`);
  return faults.join("; ").slice(0, 500);
}

const NOTHING: ModelUsage = { inputTokens: 0, outputTokens: 0 };

function sum(a: ModelUsage, b: ModelUsage): ModelUsage {
  return { inputTokens: a.inputTokens + b.inputTokens, outputTokens: a.outputTokens + b.outputTokens };
}
