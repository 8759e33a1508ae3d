import type { IncomingMessage, ServerResponse } from "node:http";
import { type ChatCompletionRequest, LLMock } from "@copilotkit/aimock";
import type { ChatModel } from "../../src/domain/ports/chatModel.ts";
import { createOpenAIModel } from "../../src/integrations/openai/chatModel.ts";

/** The key that tests look for where it must not be. */
export const TEST_KEY = "sk-proj-Zq81hTnotForPrompts";

/** What the endpoint answers to one request. The last four are faults that no well-behaved server makes. */
export type Reply =
  | { json: unknown }
  | { text: string; finishReason?: string; usage?: { prompt_tokens: number; completion_tokens: number } }
  | { tools: readonly { name: string; args: unknown; id?: string }[] }
  | { error: number; message?: string; type?: string; code?: string }
  | { body: string; contentType: string }
  | { fault: "reset" | "cutBody" | "hang" | "stall" };

export interface ModelServer {
  readonly baseUrl: string;
  /** Queues answers; one a request, in order. */
  script(...replies: readonly (Reply | ((request: ChatCompletionRequest) => Reply))[]): void;
  /** Bodies of the requests so far, faults included. */
  requests(): readonly ChatCompletionRequest[];
  /** Everything that reached the server, headers too, as one text. */
  seen(): string;
  /** Fails when there was a request that nobody scripted. */
  stop(): Promise<void>;
}

/** An OpenAI-compatible endpoint on a free port of 127.0.0.1 that answers from a script. */
export async function startModelServer(): Promise<ModelServer> {
  const script: (Reply | ((request: ChatCompletionRequest) => Reply))[] = [];
  const requests: ChatCompletionRequest[] = [];
  const headers: string[] = [];
  const open = new Set<ServerResponse>();
  let unscripted = 0;
  const mock = new LLMock({ port: 0, host: "127.0.0.1", logLevel: "silent" });
  mock.on({ predicate: () => true }, (request) => {
    requests.push(request);
    const next = script.shift();
    if (next === undefined) {
      unscripted += 1;
      return { error: { message: "nobody scripted this request" }, status: 400 };
    }
    return fixtureOf(typeof next === "function" ? next(request) : next);
  });
  mock.mount("/v1", {
    handleRequest: async (req, res) => {
      headers.push(JSON.stringify(req.headers));
      const next = script[0];
      if (typeof next === "function" || next === undefined) return false;
      if (!("body" in next || "fault" in next)) return false;
      script.shift();
      requests.push(JSON.parse(await bodyOf(req)) as ChatCompletionRequest);
      open.add(res);
      misbehave(next, req, res);
      return true;
    },
  });
  await mock.start();
  return {
    baseUrl: `${mock.url}/v1`,
    script: (...replies) => void script.push(...replies),
    requests: () => requests,
    seen: () => [...headers.map((h) => h.replace(/"authorization":"[^"]*"/, "")), JSON.stringify(requests)].join("\n"),
    stop: async () => {
      for (const res of open) res.destroy();
      await mock.stop();
      if (unscripted > 0) throw new Error(`${unscripted} request(s) that nobody scripted`);
    },
  };
}

/** The real adapter on that endpoint, without retries. */
export function modelOn(server: ModelServer): ChatModel {
  return createOpenAIModel({
    name: "small-model",
    baseUrl: server.baseUrl,
    apiKey: TEST_KEY,
    structuredOutput: "jsonSchema",
    timeoutMs: 10_000,
    maxRetries: 0,
  });
}

function fixtureOf(reply: Reply) {
  if ("json" in reply) return { content: JSON.stringify(reply.json) };
  if ("text" in reply) {
    return {
      content: reply.text,
      ...(reply.finishReason === undefined ? {} : { finishReason: reply.finishReason }),
      ...(reply.usage === undefined ? {} : { usage: reply.usage }),
    };
  }
  if ("tools" in reply) {
    const toolCalls = reply.tools.map((t) => ({
      name: t.name,
      arguments: typeof t.args === "string" ? t.args : JSON.stringify(t.args),
      ...(t.id === undefined ? {} : { id: t.id }),
    }));
    return { toolCalls };
  }
  if ("error" in reply) {
    const { error: status, message = "scripted", type = "error", code } = reply;
    return { error: { message, type, ...(code === undefined ? {} : { code }) }, status, retryAfter: 0 };
  }
  throw new Error("a fault cannot come from a function");
}

function misbehave(
  reply: Extract<Reply, { body: string } | { fault: string }>,
  req: IncomingMessage,
  res: ServerResponse,
) {
  if ("body" in reply) {
    res.writeHead(200, { "content-type": reply.contentType }).end(reply.body);
    return;
  }
  if (reply.fault === "reset") req.socket.resetAndDestroy();
  if (reply.fault === "hang") return;
  const start = () =>
    res.writeHead(200, { "content-type": "application/json" }).write('{"id":"chatcmpl-1","choices":[{"mess');
  if (reply.fault === "stall") start();
  if (reply.fault === "cutBody") {
    start();
    setImmediate(() => req.socket.destroy());
  }
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
