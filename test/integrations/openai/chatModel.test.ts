import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { messageOf } from "../../../src/domain/errors.ts";
import { ModelError } from "../../../src/domain/modelError.ts";
import type { ChatModel } from "../../../src/domain/ports/chatModel.ts";
import { createOpenAIModel, type OpenAIModelOptions } from "../../../src/integrations/openai/chatModel.ts";
import { type ModelServer, type Reply, startModelServer, TEST_KEY } from "../../helpers/modelServer.ts";

const KEY = TEST_KEY;
const Answer = z.object({ city: z.string().max(40), people: z.number().int() });
const turns = [
  { role: "system", content: "You know cities." },
  { role: "user", content: "Which one?" },
] as const;

let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
});
afterEach(() => server.stop());

function model(options: Partial<OpenAIModelOptions> = {}): ChatModel {
  return createOpenAIModel({
    name: "small-model",
    baseUrl: server.baseUrl,
    apiKey: KEY,
    structuredOutput: "jsonSchema",
    timeoutMs: 10_000,
    maxRetries: 0,
    ...options,
  });
}
const ask = (m: ChatModel, signal?: AbortSignal) =>
  m.structured({ turns, schema: Answer, schemaName: "answer", ...(signal === undefined ? {} : { signal }) });
const failure = async (work: Promise<unknown>): Promise<ModelError> => {
  const error: unknown = await work.then(
    (value) => new Error(`no failure: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ModelError)) throw new Error(`not a ModelError: ${messageOf(error)}`, { cause: error });
  return error;
};
/** All text a logger could print of an error. */
const textOf = (e: ModelError) => `${e.message} ${e.stack} ${JSON.stringify(e)} ${JSON.stringify(e.cause)}`;

describe("structured", () => {
  it("sends a strict schema without keywords that strict endpoints refuse, and reads reply and usage", async () => {
    server.script({
      text: '{"city":"Bern","people":134000}',
      usage: { prompt_tokens: 21, completion_tokens: 9 },
    });
    const { value, usage } = await ask(model());
    expect(value).toEqual({ city: "Bern", people: 134000 });
    expect(usage).toEqual({ inputTokens: 21, outputTokens: 9 });
    expect(server.requests()[0]?.response_format).toEqual({
      type: "json_schema",
      json_schema: {
        name: "answer",
        strict: true,
        schema: {
          type: "object",
          properties: { city: { type: "string" }, people: { type: "integer" } },
          required: ["city", "people"],
          additionalProperties: false,
        },
      },
    });
  });

  it("works by function calling and by JSON mode", async () => {
    const reply = { city: "Bern", people: 1 };
    server.script({ tools: [{ name: "answer", args: reply }] }, { json: reply });
    expect((await ask(model({ structuredOutput: "functionCalling" }))).value).toEqual(reply);
    expect((await ask(model({ structuredOutput: "jsonMode" }))).value).toEqual(reply);
    const system = server.requests()[1]?.messages[0];
    expect(system).toMatchObject({ role: "system", content: expect.stringContaining('"city":{"type":"string"}') });
  });

  it("works on a server that knows nothing but text", async () => {
    server.script({ text: '```json\n{"city":"Bern","people":1}\n```' });
    expect((await ask(model({ structuredOutput: "text" }))).value).toEqual({ city: "Bern", people: 1 });
    const [request] = server.requests();
    expect(request).not.toHaveProperty("response_format");
    expect(request).not.toHaveProperty("tools");
    expect(JSON.stringify(request?.messages[0])).toContain("people");
  });

  const methods = ["jsonSchema", "functionCalling", "jsonMode", "text"] as const;
  it.each(methods)("asks once more with the fault named after a wrong shape (%s)", async (structuredOutput) => {
    const wrong = { city: "Bern", people: "many" };
    const right = { city: "Bern", people: 2 };
    const as = (args: unknown): Reply =>
      structuredOutput === "functionCalling" ? { tools: [{ name: "answer", args }] } : { json: args };
    server.script(as(wrong), as(right));
    expect((await ask(model({ structuredOutput }))).value).toEqual(right);
    const last = server.requests()[1]?.messages.at(-1);
    expect(last).toMatchObject({ role: "user", content: expect.stringMatching(/people: .*expected number/) });
  });

  it("gives up after the second bad reply and says how many tokens that took", async () => {
    server.script({ text: "As a poet I say: no." }, { text: "{" });
    const error = await failure(ask(model()));
    expect(error.code).toBe("model.badReply");
    expect(error.retryable).toBe(false);
    expect(error.usage.inputTokens).toBeGreaterThan(5);
  });

  it("counts refinements of the schema as faults of the reply", async () => {
    const known = Answer.refine((a) => a.city === "Bern", { message: "no such city", path: ["city"] });
    server.script({ json: { city: "Atlantis", people: 1 } }, { json: { city: "Atlantis", people: 1 } });
    const error = await failure(model().structured({ turns, schema: known, schemaName: "answer" }));
    expect(error.message).toContain("city: no such city");
  });
});

describe("faults", () => {
  const bad: [string, Reply][] = [
    ["garbage text", { text: "%%%% not json" }],
    ["truncated JSON", { text: '{"city":"Be' }],
    ["a reply cut at the token limit", { text: '{"city":"Be', finishReason: "length" }],
    ["a wrong shape", { json: { town: "Bern" } }],
    ["an array", { json: [1, 2] }],
    ["200 with HTML", { body: "<html>Bad gateway</html>", contentType: "text/html" }],
    ["200 with half an envelope", { body: '{"choices":[', contentType: "application/json" }],
    ["empty choices", { body: '{"id":"x","choices":[]}', contentType: "application/json" }],
    ["no choices", { body: '{"ok":true}', contentType: "application/json" }],
    ["null", { body: "null", contentType: "application/json" }],
  ];
  it.each(bad)("%s, twice, is model.badReply", async (_, reply) => {
    server.script(reply, reply);
    const error = await failure(ask(model({ maxRetries: 1 })));
    expect(error.code).toBe("model.badReply");
    expect(server.requests()).toHaveLength(2);
  });

  const settled: [string, Reply, string, boolean][] = [
    ["401 that echoes the key", { error: 401, message: `Incorrect API key: ${KEY}` }, "model.unauthorized", false],
    ["403", { error: 403 }, "model.unauthorized", false],
    ["400", { error: 400, message: "bad" }, "model.rejected", false],
    ["404", { error: 404, message: "no such model" }, "model.rejected", false],
    [
      "too long",
      { error: 400, message: "maximum context length", code: "context_length_exceeded" },
      "model.rejected",
      false,
    ],
    ["no quota", { error: 429, message: "pay", code: "insufficient_quota" }, "model.quota", false],
    ["402", { error: 402 }, "model.quota", false],
    ["429", { error: 429 }, "model.rateLimited", true],
    ["500", { error: 500, message: `oops ${KEY}` }, "model.unavailable", true],
    ["503", { error: 503 }, "model.unavailable", true],
    ["a reset connection", { fault: "reset" }, "model.unavailable", true],
    ["a cut body", { fault: "cutBody" }, "model.unavailable", true],
    ["a filtered reply", { text: "", finishReason: "content_filter" }, "model.refused", false],
  ];
  it.each(settled)("%s", async (_, reply, code, retryable) => {
    server.script(reply);
    const error = await failure(ask(model()));
    expect([error.code, error.retryable]).toEqual([code, retryable]);
    expect(textOf(error)).not.toContain(KEY);
  });

  it("reads a refusal as a refusal", async () => {
    const message = { role: "assistant", content: null, refusal: "I would rather not" };
    const body = {
      id: "x",
      object: "chat.completion",
      model: "m",
      choices: [{ index: 0, finish_reason: "stop", message }],
    };
    server.script({ body: JSON.stringify(body), contentType: "application/json" });
    expect((await failure(ask(model()))).code).toBe("model.refused");
    expect(server.requests()).toHaveLength(1);
  });

  it("nobody listening is model.unavailable", async () => {
    const error = await failure(ask(model({ baseUrl: "http://127.0.0.1:1/v1" })));
    expect(error.code).toBe("model.unavailable");
  });

  it.each(["hang", "stall"] as const)(
    "an endpoint that does not come to an end (%s) is model.timeout",
    async (fault) => {
      server.script({ fault });
      expect((await failure(ask(model({ timeoutMs: 150 })))).code).toBe("model.timeout");
    },
  );

  it.each([
    ["429", { error: 429 }],
    ["500", { error: 500 }],
    ["reset", { fault: "reset" }],
  ] as [string, Reply][])("%s and then a good reply is a good reply", async (_, fault) => {
    server.script(fault, { json: { city: "Bern", people: 3 } });
    expect((await ask(model({ maxRetries: 1 }))).value.people).toBe(3);
  });

  it("an abort ends the call at once, also while it backs off", async () => {
    const controller = new AbortController();
    server.script(() => {
      setImmediate(() => controller.abort());
      return { error: 500 };
    });
    const started = performance.now();
    const error = await failure(ask(model({ maxRetries: 5 }), controller.signal));
    expect([error.code, error.retryable]).toEqual(["model.aborted", false]);
    expect(performance.now() - started).toBeLessThan(900);
  });

  it("an abort that came before sends nothing", async () => {
    expect((await failure(ask(model(), AbortSignal.abort()))).code).toBe("model.aborted");
    expect(server.requests()).toHaveLength(0);
  });
});

describe("withTools", () => {
  const tools = [{ name: "read_file", description: "Reads", parameters: z.object({ path: z.string() }) }];

  it("sends tools and a history of calls, and reads calls back", async () => {
    server.script({ tools: [{ name: "read_file", args: { path: "a.ts" }, id: "call_9" }] });
    const history = [
      ...turns,
      { role: "assistant", content: "", toolCalls: [{ id: "c1", name: "read_file", args: { path: "b.ts" } }] },
      { role: "tool", content: "text of b", toolCallId: "c1" },
    ] as const;
    const { toolCalls, text } = await model().withTools({ turns: history, tools });
    expect(toolCalls).toEqual([{ id: "call_9", name: "read_file", args: { path: "a.ts" } }]);
    expect(text).toBe("");
    const [sent] = server.requests();
    expect(sent?.tools?.[0]?.function).toMatchObject({ name: "read_file", parameters: { required: ["path"] } });
    expect(sent?.messages.slice(2)).toMatchObject([
      { role: "assistant", tool_calls: [{ id: "c1", function: { arguments: '{"path":"b.ts"}' } }] },
      { role: "tool", tool_call_id: "c1", content: "text of b" },
    ]);
  });

  it("hands on arguments that are no JSON as text, and can repeat that history", async () => {
    server.script({ tools: [{ name: "read_file", args: '{"path": "a.ts', id: "c1" }] }, { text: "well" });
    const first = await model().withTools({ turns, tools });
    expect(first.toolCalls).toEqual([{ id: "c1", name: "read_file", args: '{"path": "a.ts' }]);
    const history = [
      ...turns,
      { role: "assistant", content: "", toolCalls: first.toolCalls } as const,
      { role: "tool", content: "not JSON", toolCallId: "c1" } as const,
    ];
    expect((await model().withTools({ turns: history, tools })).text).toBe("well");
    expect(server.requests()[1]?.messages[2]?.tool_calls?.[0]?.function.arguments).toBe("{}");
  });

  it("reads a filtered reply as a refusal", async () => {
    server.script({ text: "", finishReason: "content_filter" });
    expect((await failure(model().withTools({ turns, tools }))).code).toBe("model.refused");
  });

  it("fails with a ModelError on HTML, twice", async () => {
    const html: Reply = { body: "<html>", contentType: "text/html" };
    server.script(html, html);
    expect((await failure(model().withTools({ turns, tools }))).code).toBe("model.badReply");
  });
});

describe("secrets", () => {
  it("keeps the key out of everything but the authorization header", async () => {
    server.script({ json: { city: "Bern", people: 1 } });
    await ask(model());
    expect(server.seen()).not.toContain(KEY);
    expect(server.seen()).toContain("small-model");
  });

  // Put together here, so that no scanner takes this file for a leak.
  const token = `ghp_${"a1B2".repeat(9)}`;
  const database = `postgres://app:${"hunter2pass"}@db.example.org:5432/shop`;
  it("takes a stand-in for a key that local servers want for no secret", async () => {
    server.script({ text: "ok" });
    const local = model({ apiKey: "none" });
    await local.withTools({ turns: [{ role: "user", content: "commits: none" }], tools: [] });
    expect(server.seen()).toContain("commits: none");
  });

  it("masks credentials in what is said and in what tools returned", async () => {
    server.script({ text: "ok" });
    const history = [
      { role: "user", content: `// secretlint-disable\nconst token = "${token}";` },
      { role: "tool", content: `url: ${database} and ${KEY}`, toolCallId: "c1" },
    ] as const;
    await model().withTools({ turns: history, tools: [] });
    for (const secret of [token, "hunter2pass", KEY]) expect(server.seen()).not.toContain(secret);
    expect(server.seen()).toContain("[masked]");
  });
});
