import { execFile } from "node:child_process";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { snapshot } from "../../clients/node/src/snapshot.js";
import { loadFactor } from "../../src/cli/demo/loadFactor.ts";
import type { CapturedEvent, StackFrame } from "../../src/domain/event.ts";
import { type IngestServer, SERVER_KEY, startIngest } from "../helpers/ingestServer.ts";
import { tempFolder } from "../helpers/tempFolder.ts";

const LIBRARY = pathToFileURL(join(import.meta.dirname, "../../clients/node/src/index.js")).href;

interface App {
  program: string;
  options?: Record<string, unknown>;
  args?: string[];
  /** More files, by path. */
  files?: Record<string, string>;
  before?: (folder: string) => void;
}

/** A program that waits until variables can be captured; resolves when it ended by itself. */
async function run(server: IngestServer, { program, options = {}, args = [], files = {}, before }: App) {
  const folder = tempFolder();
  const all = { url: server.url, key: SERVER_KEY, service: "shop-api", captureLocals: true, ...options };
  const text = [
    `import * as selfheal from "${LIBRARY}";`,
    `const client = selfheal.init(${JSON.stringify(all)});`,
    "const stop = Date.now() + 300_000;",
    `while (${all.captureLocals && !args[0]} && !client.stats().locals && Date.now() < stop) await new Promise((r) => setTimeout(r, 5));`,
    program,
  ].join("\n");
  for (const [path, content] of Object.entries({ ...files, "app.mjs": text })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  before?.(folder);
  const ended = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [...args, join(folder, "app.mjs")], (_error, _stdout, stderr) =>
      resolve({ code: child.exitCode, stderr }),
    );
  });
  return { ...ended, events: await server.stored() };
}

function frame(event: CapturedEvent | undefined, name: string): StackFrame | undefined {
  return event?.exception.frames.find((one) => one.function === name);
}

function variable(found: StackFrame | undefined, name: string): unknown {
  return JSON.parse(found?.vars?.[name] ?? "null");
}

describe("local variables", () => {
  test("of each frame of the app's own, what nothing caught, with their values as they were", async () => {
    const server = await startIngest();
    const { code, events, stderr } = await run(server, {
      files: {
        "node_modules/each/index.mjs":
          "export const each = (list, fn) => { const inner = 1; list.forEach(fn); return inner; };",
      },
      program: [
        'import { each } from "./node_modules/each/index.mjs";',
        "class Cart { constructor() { this.items = [1, 2]; this.note = undefined; } }",
        "function price(cart, { rate }, code) {",
        "  const n = cart.items.length;",
        "  return n * rate * cart.voucher.value;",
        "}",
        "function checkout(user) {",
        '  each([user], (one) => price(new Cart(), { rate: 2 }, "A1"));',
        "}",
        'setTimeout(() => checkout({ name: "Ann", password: "hunter2", friends: ["Bob"], cardPin: 1 }));',
      ].join("\n"),
      options: { denyKeys: ["card_pin"] },
    });
    expect(code).toBe(1);
    expect(stderr).not.toContain("Debugger");
    const [event] = events;
    const price = frame(event, "price");
    expect(variable(price, "cart")).toEqual({ "<class>": "Cart", items: [1, 2], note: "<undefined>" });
    expect(price?.vars).toMatchObject({ rate: "2", code: '"A1"', n: "2" });
    const user = variable(frame(event, "checkout"), "user");
    expect(user).toMatchObject({ name: "Ann", friends: ["Bob"] });
    expect(JSON.stringify(events)).not.toMatch(/hunter2|"cardPin\\?":\\?1/);
    expect(event?.exception.frames.find((one) => one.file.includes("node_modules"))?.vars).toBeUndefined();
  });

  test("of a rejection, and of a caught exception only when asked for", async () => {
    const server = await startIngest();
    const program = [
      "async function late(order) { await null; return order.lines[0].sku; }",
      "function caught(x) { try { return x.a.b; } catch (error) { selfheal.captureException(error); } }",
      "caught({ a: null, seen: 1 });",
      "late({ lines: [] });",
    ].join("\n");
    const { events } = await run(server, { program });
    expect(frame(events.at(-1), "late")?.vars).toEqual({ order: '{"lines":[]}' });
    expect(frame(events[0], "caught")?.vars).toBeUndefined();
    const second = await startIngest();
    const all = await run(second, { program, options: { captureLocals: "all" } });
    expect(frame(all.events[0], "caught")?.vars).toMatchObject({ x: '{"a":null,"seen":1}' });
  });

  test("run none of the app's code: getters and proxies stay as they are", async () => {
    const server = await startIngest();
    const { events, stderr } = await run(server, {
      program: [
        "let touched = 0;",
        "const trap = new Proxy({ inner: 1 }, { ownKeys(t) { touched++; return Reflect.ownKeys(t); }, getPrototypeOf() { touched++; return null; } });",
        "class Lazy { get size() { touched++; return 1; } }",
        "const getter = { get now() { touched++; return 1; }, plain: 1 };",
        "function look(a, b, c, n) { return n.x.y; }",
        'process.on("exit", () => console.error("touched", touched));',
        "setTimeout(() => look(trap, new Lazy(), getter, {}));",
      ].join("\n"),
    });
    expect(stderr).toContain("touched 0");
    expect(frame(events[0], "look")?.vars).toMatchObject({ n: expect.any(String) });
    expect(JSON.stringify(events[0]?.exception.frames)).not.toContain('"inner');
  });

  test("in a storm the app is soon left alone, and it ends when it would end", async () => {
    const server = await startIngest();
    const { code, events, stderr } = await run(server, {
      options: { captureLocals: "all" },
      program: [
        "function fail(n) { throw new Error(String(n)); }",
        "const start = performance.now();",
        "for (let i = 0; i < 1000; i++) { try { fail(i); } catch (error) { if (i % 50 === 0) selfheal.captureException(error); }",
        "  if (i % 5 === 0) await new Promise((r) => setTimeout(r, 10)); }",
        'console.error("took", Math.round(performance.now() - start));',
      ].join("\n"),
    });
    expect(code).toBe(0);
    expect(events).toHaveLength(20);
    expect(frame(events[0], "fail")?.vars).toEqual({ n: "0" });
    expect(frame(events.at(-1), "fail")?.vars).toBeUndefined();
    expect(Number(/took (\d+)/.exec(stderr)?.[1])).toBeLessThan(15_000 * loadFactor());
  });

  test("are not captured under another debugger", async () => {
    const server = await startIngest();
    const { stderr, events } = await run(server, {
      args: ["--inspect=127.0.0.1:0"],
      program: "function f(x) { return x.y.z; }\nsetTimeout(() => f({}));",
    });
    expect(stderr).toContain("not captured while a debugger is attached");
    expect(frame(events[0], "f")?.vars).toBeUndefined();
  });
});

describe("source lines", () => {
  const program = "function f(x) {\n  // before\n  return x.y.z;\n}\nsetTimeout(() => f({}));";

  test("around each frame of the app's own", async () => {
    const server = await startIngest();
    const { events } = await run(server, { program, options: { captureLocals: false } });
    expect(frame(events[0], "f")).toMatchObject({
      contextLine: "  return x.y.z;",
      preContext: expect.arrayContaining(["function f(x) {", "  // before"]),
      postContext: ["}", "setTimeout(() => f({}));"],
    });
  });

  test("not when they are turned off, nor of a file that was changed after the start", async () => {
    const server = await startIngest();
    const off = await run(server, { program, options: { sourceContext: false } });
    expect(frame(off.events[0], "f")?.contextLine).toBeUndefined();
    const second = await startIngest();
    const changed = await run(second, {
      program,
      before: (folder) => utimesSync(join(folder, "app.mjs"), new Date(), new Date(Date.now() + 60_000)),
    });
    expect(frame(changed.events[0], "f")?.contextLine).toBeUndefined();
  });
});

describe("a snapshot", () => {
  const take = (value: unknown) => snapshot({ value })[0]?.value;

  test.each([
    ["what JSON holds", { a: [1, "x", null, true] }, { a: [1, "x", null, true] }],
    [
      "what it does not",
      [undefined, 1n, Symbol("s"), () => 1, NaN, new Map(), new Date()],
      ["<undefined>", "[BigInt]", "[Symbol]", "[Function]", "[NaN]", "[Map]", "[Date]"],
    ],
    ["a long list", Array.from({ length: 1000 }, () => 1), [...Array.from({ length: 50 }, () => 1), "950 more…"]],
    [
      "something deep",
      { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } },
      { a: { b: { c: { d: { e: { f: "[Object]" } } } } } },
    ],
  ])("of %s", (_what, value, expected) => {
    expect(take(value)).toEqual(expected);
  });

  test("of circles and giants ends soon and stays small", () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(take(circle)).toEqual({ self: "[Circular]" });
    const giant = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`k${i}`, Array.from({ length: 50 }, () => "x".repeat(900))]),
    );
    expect(JSON.stringify(take(giant)).length).toBeLessThan(8000);
    const many = Object.fromEntries(Array.from({ length: 39 }, (_, i) => [`v${i}`, giant]));
    expect(JSON.stringify(snapshot(many, many, many)).length).toBeLessThan(60_000);
  });
});
