import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findSourceMaps } from "../../src/cli/sourceMapFiles.ts";
import type { CapturedEvent } from "../../src/domain/event.ts";
import type { IngestCount } from "../../src/domain/ingestCount.ts";
import { createDigester } from "../../src/ingest/digest/digest.ts";
import { normalizeEvent } from "../../src/ingest/normalize.ts";
import { scrub } from "../../src/ingest/privacy/scrub.ts";
import { readNames } from "../../src/ingest/sourceMaps/functionNames.ts";
import { createSourceMaps } from "../../src/ingest/sourceMaps/maps.ts";
import { builtFileOf, segmentsOf, sourcePath } from "../../src/ingest/sourceMaps/paths.ts";
import { readSourceMap } from "../../src/ingest/sourceMaps/readSourceMap.ts";
import { createFrameResolver } from "../../src/ingest/sourceMaps/resolveFrames.ts";
import { openEmbeddedStores } from "../../src/store/embedded.ts";
import { appFiles, type BuiltApp, buildApp } from "../helpers/builtApp.ts";
import { buildEvent, eventId } from "../helpers/eventBuilder.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { testClock } from "../helpers/testClock.ts";

/** Real stores, the real digester with the real resolver, and what was counted and told. */
async function home(folder?: string) {
  const clock = testClock();
  const dir = tempFolder();
  const stores = await openEmbeddedStores(dir, clock);
  const counts: IngestCount[] = [];
  const told: string[] = [];
  const note = (message: string, facts?: unknown) => void told.push(`${message} ${JSON.stringify(facts)}`);
  const log = { info: note, warn: note, error: note };
  const resolve = createFrameResolver({
    maps: createSourceMaps({ store: stores.sourceMaps, clock, log, maxMapBytes: 1_000_000 }),
    folderOf: () => folder,
    count: (count) => void counts.push(count),
  });
  const digester = createDigester({
    ...stores,
    clock,
    times: { debounceMs: 1, maxWaitMs: 1 },
    ticket: async () => null,
    resolveFrames: resolve,
  });
  return {
    stores,
    counts,
    told,
    resolve,
    async upload(release: string, app: Pick<BuiltApp, "dist">) {
      const { maps } = await findSourceMaps(app.dist);
      for (const { file, text, debugId } of maps) {
        await stores.sourceMaps.put({ project: "shop", release, file, debugId, uploadedAt: clock.now() }, text);
      }
      return maps.length;
    },
    async digest(...events: CapturedEvent[]) {
      await stores.spool.append(events.map((event) => scrub(event)));
      await digester.digestPending();
    },
  };
}

/** What a browser reports of the crash. */
function reported(app: BuiltApp, release: string, name: string, url = `https://shop.example.com/${app.file}?v=3`) {
  const stack = app.crash(url);
  const exception = { type: "TypeError", value: stack.split("\n")[0]?.replace("TypeError: ", "") ?? "", stack };
  const wire = { id: eventId(name), service: "web", platform: "browser", release, exception };
  const read = normalizeEvent(wire, {
    project: "shop",
    receivedAt: 1_000,
    newId: () => eventId(name),
    defaultService: undefined,
    tier: "T0",
  });
  if (read.kind === "invalid") throw new Error(JSON.stringify(read.faults));
  return read.event;
}

describe("frames of built code are found in their sources before grouping", () => {
  test("two releases of a minified bundle, lines moved and the asset renamed, are one Issue", async () => {
    const { stores, upload, digest, counts } = await home();
    const [first, second] = [await buildApp(appFiles()), await buildApp(appFiles(12))];
    expect(first.file).not.toBe(second.file);
    expect([await upload("1.0", first), await upload("1.1", second)]).toEqual([1, 1]);
    await digest(reported(first, "1.0", "a"), reported(second, "1.1", "b"));
    const issues = await stores.issues.list();
    expect(issues).toMatchObject([{ count: 2, culprit: "cityOf (src/address.ts)", releases: ["1.0", "1.1"] }]);
    expect(issues[0]?.fingerprint.why).toBe(
      "TypeError in cityOf: Cannot read properties of undefined (reading 'city')",
    );
    const samples = await stores.issues.samples(issues[0]?.id ?? "", 5);
    const frames = samples.find(({ release }) => release === "1.1")?.exception.frames ?? [];
    expect(frames.filter(({ generated }) => generated !== undefined)).toMatchObject([
      { file: "src/address.ts", function: "cityOf", line: 21, contextLine: "  return address!.city.toUpperCase();" },
      { file: "src/checkout.ts", function: "labelFor" },
      { file: "src/checkout.ts", function: "checkout" },
      { file: "src/checkout.ts", function: "checkout" },
      { file: "src/main.ts", line: 2 },
      { file: "src/main.ts", line: 2 },
    ]);
    expect(frames[0]?.generated).toMatchObject({ file: `https://shop.example.com/${second.file}`, line: 1 });
    expect(counts).toEqual([
      { project: "shop", outcome: "mapped", reason: "", events: 1 },
      { project: "shop", outcome: "mapped", reason: "", events: 1 },
    ]);
    await stores.close();
  });

  test.each([
    [
      "a call",
      "  const render = options.render as () => string;\n  return [render(), options];",
      "TypeError: render is not a function",
    ],
    [
      "a method",
      "  const shop = options.shop as any;\n  return [shop.cart.add(1), options];",
      "TypeError: options.shop.cart.add is not a function",
    ],
    [
      "a spread",
      "  const lines = options.lines as string[];\n  return [...lines, options];",
      "TypeError: options.lines is not iterable",
    ],
  ])("the message of %s has the source's name for what is minified", async (_what, body, expected) => {
    const { stores, upload, digest } = await home();
    for (const [i, more] of [
      "",
      "const first = 1, second = 2; if (options.n > 1) console.debug(first, second);",
    ].entries()) {
      const main = `const start = (${i === 0 ? "options" : "unused: number, options"}: any) => {\n${more}\n${body}\n};
start(${i === 0 ? "" : "1, "}{ shop: { cart: {} }, lines: 3, n: Math.random() });\n`;
      const app = await buildApp({ "src/main.ts": main });
      await upload(`1.${i}`, app);
      await digest(reported(app, `1.${i}`, `${_what} ${i}`));
    }
    const issues = await stores.issues.list();
    expect(issues).toMatchObject([{ count: 2, title: expect.stringContaining(expected) }]);
    await stores.close();
  });

  test("without maps the frames stay, and nothing is counted; a map of another release is not taken", async () => {
    const { stores, upload, resolve, counts } = await home();
    const app = await buildApp(appFiles());
    await upload("1.0", app);
    const event = reported(app, "2.0", "a");
    expect(await resolve(event)).toBe(event);
    expect(counts).toEqual([]);
    await stores.close();
  });

  test("a folder of the service does as well, for what a server runs; and a debug id, whatever the release", async () => {
    const app = await buildApp(appFiles());
    const { stores, upload, resolve } = await home(app.dist);
    const event = reported(app, "anything", "a", `file:///srv/shop/dist/${app.file}`);
    expect((await resolve(event)).exception.frames[0]).toMatchObject({ file: "src/address.ts", line: 9 });
    await upload("1.0", app);
    const debugId = "5b65abfb-2338-4f0b-b3b9-64c8f734d43f";
    const [entry] = await stores.sourceMaps.ofRelease("shop", "1.0");
    const text = (await stores.sourceMaps.read(entry?.digest ?? "")) ?? "";
    await stores.sourceMaps.put({ project: "shop", release: "x", file: "y.js", debugId, uploadedAt: 1 }, text);
    const { resolve: uploadedOnly, stores: none } = await home();
    expect(await uploadedOnly(event)).toBe(event);
    await none.close();
    const marked = reported(app, "2.0", "b", "https://cdn.example.com/app.js");
    const frames = marked.exception.frames.map((frame) => ({ ...frame, debugId }));
    const found = await resolve({ ...marked, exception: { ...marked.exception, frames } });
    expect(found.exception.frames[0]).toMatchObject({ function: "cityOf", line: 9 });
    await stores.close();
  });

  test("doing it again changes nothing", async () => {
    const { stores, upload, resolve } = await home();
    const app = await buildApp(appFiles());
    await upload("1.0", app);
    const once = await resolve(reported(app, "1.0", "a"));
    expect(await resolve(once)).toBe(once);
    await stores.close();
  });
});

const event = (file = "https://x.example.com/a.js", more = {}) =>
  buildEvent({
    service: "web",
    release: "1",
    exception: { type: "E", value: "v", frames: [{ file, line: 1, column: 5, inApp: true, function: "f", ...more }] },
  });

const flat = (more: Record<string, unknown>) =>
  JSON.stringify({ version: 3, sources: ["a.ts"], names: [], mappings: "AAAA", ...more });

const part = (map: Record<string, unknown>) =>
  JSON.stringify({ version: 3, sections: [{ offset: { line: 0, column: 0 }, ...map }] });

/** What it is, its text, and what is said about it. */
const BROKEN = [
  ["no JSON", "{", "cannot be read"],
  ["no object", "[1]", "no source map"],
  ["another version", flat({ version: 2 }), "only version 3 is known"],
  ["no mappings", flat({ mappings: 3 }), "no source map: mappings"],
  ["sources that are none", flat({ sources: [{}] }), "no source map: sources"],
  ["lines without end", flat({ mappings: ";".repeat(600_000) }), "too large"],
  ["parts to be fetched", part({ url: "http://127.0.0.1:1/x" }), "no source map: sections.0.map"],
  ["parts of parts", part({ map: { version: 3, sections: [] } }), "no source map: sections.0.map"],
  ["a source that is not there", flat({ mappings: "ACAA" }), "lead nowhere"],
  ["a line before the first", flat({ mappings: "AADA" }), "lead nowhere"],
  ["nonsense for mappings", flat({ mappings: "\u0000!!!~~" }), "no mappings"],
] as const;

describe("a map that is of no use", () => {
  test("of whatever kind: the frame stays as it is, counted each time and told once", async () => {
    const { stores, resolve, counts, told } = await home();
    for (const [what, text, reason] of BROKEN) {
      const file = `${what.replaceAll(" ", "-")}.js`;
      await stores.sourceMaps.put({ project: "shop", release: "1", file, debugId: null, uploadedAt: 1 }, text);
      const given = event(`https://x.example.com/${file}`);
      expect([await resolve(given), await resolve(given)], what).toEqual([given, given]);
      const [first, second, ...more] = counts.splice(0);
      expect(first, what).toMatchObject({ outcome: "unmapped", events: 1, reason: expect.stringContaining(reason) });
      expect([second, more], what).toEqual([first, []]);
      expect(told.splice(0), what).toEqual([expect.stringContaining(reason)]);
    }
    expect(await stores.sourceMaps.releases()).toMatchObject([{ files: BROKEN.length, faulty: BROKEN.length }]);
    await stores.close();
  });

  test("any text at all is read or refused, never thrown over", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { maxLength: 3 }), (mappings, sources) => {
        const read = readSourceMap(flat({ mappings, sources }));
        expect(["map", "broken"]).toContain(read.kind);
      }),
    );
  });

  test("no file outside of a configured folder is read, whatever a client names", async () => {
    const dir = tempFolder();
    mkdirSync(join(dir, "maps"));
    writeFileSync(join(dir, "secret.js.map"), flat({}));
    const { stores, resolve, told } = await home(join(dir, "maps"));
    for (const file of ["https://x/../secret.js", "/a/../../secret.js", "..\\secret.js", "\u0000/secret.js"]) {
      const given = event(file);
      expect(await resolve(given)).toBe(given);
    }
    const named = await home(join(dir, "{release}"));
    const escaping = { ...event("secret.js"), release: ".." };
    expect(await named.resolve(escaping)).toBe(escaping);
    expect([...told, ...named.told]).toEqual([]);
    await named.stores.close();
    await stores.close();
  });
});

describe("paths", () => {
  test.each([
    ["webpack:///./src/x.ts", "main.js", "src/x.ts"],
    ["webpack://shop/./src/x.ts?a1b2", "main.js", "src/x.ts"],
    ["webpack:///../shared/x.ts", "main.js", "shared/x.ts"],
    ["../src/x.ts", "server.js", "src/x.ts"],
    ["../../src/x.ts", "assets/index.js", "src/x.ts"],
    ["x.ts", "deep/x.js", "deep/x.ts"],
    ["file:///home/ci/build/src/x.ts", "a.js", "/home/ci/build/src/x.ts"],
    ["turbopack:///[project]/src/x.ts", "a.js", "src/x.ts"],
    ["..\\src\\x.ts", "a.js", "src/x.ts"],
    ["../node_modules/react/index.js", "a.js", "node_modules/react/index.js"],
  ])("the source %s of %s is %s", (source, built, expected) => {
    expect(sourcePath(source, built)).toBe(expected);
  });

  test.each([
    ["https://x.example.com/assets/index-1.js?v=2", ["assets/index-1.js", "index-1.js"], "assets/index-1.js"],
    ["/srv/app/dist/server.js", ["server.js"], "server.js"],
    ["https://x.example.com/static/app.js", ["js/app.js"], "js/app.js"],
    ["https://x.example.com/static/app.js", ["a/app.js", "b/app.js"], null],
    ["https://x.example.com/app.js", ["other.js"], null],
    ["https://x.example.com/../app.js", ["app.js"], null],
  ])("the frame %s is of %j: %s", (frame, files, expected) => {
    expect(
      builtFileOf(
        frame,
        files.map((file) => ({ file })),
      )?.file ?? null,
    ).toBe(expected);
  });

  test("in whatever order the candidates come, the same one is taken", () => {
    const segment = fc.constantFrom("a", "b", "c.js");
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(path, fc.uniqueArray(path, { maxLength: 6 }), (frame, files) => {
        const taken = (list: string[]) =>
          builtFileOf(
            `https://x/${frame}`,
            list.map((file) => ({ file })),
          )?.file;
        expect(taken(files.toReversed())).toBe(taken(files));
        expect(segmentsOf(frame)?.join("/")).toBe(frame);
      }),
    );
  });
});

test.each([
  ["a method", "class Cart {\n  total(): number {\n    return 1;\n  }\n}", 3, "total"],
  ["a constructor", "class Cart {\n  constructor() {\n    fail();\n  }\n}", 3, "Cart"],
  ["an arrow function", "const total = (n: number) =>\n  fail(n);", 2, "total"],
  ["a callback goes by the function around it", "function all() {\n  [1].map((x) =>\n    fail(x));\n}", 3, "all"],
  ["what is assigned", "exports.save = function () {\n  fail();\n};", 2, "save"],
  ["a property", "const o = {\n  save: async () => {\n    fail();\n  },\n};", 3, "save"],
  ["a private field", "class A {\n  #go = () => {\n    fail();\n  };\n}", 3, "#go"],
  ["no function", "fail();", 1, null],
])("the name around a place: %s", (_what, text, line, expected) => {
  expect(readNames("src/x.ts", text).functionAt(line, 5)).toBe(expected);
});
