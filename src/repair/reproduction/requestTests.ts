import type { CapturedRequest, Exception } from "../../domain/event.ts";
import type { RegressionTest } from "../../domain/reproduction.ts";
import type { Place, Tree } from "../candidate.ts";
import { type App, appsIn } from "./apps.ts";
import { alternatives, freePath, inRoot } from "./callTests.ts";
import { type Conventions, conventionsFor } from "./conventions.ts";
import type { Shape } from "./probe/shape.ts";
import { fileOf, specifier } from "./renderTest.ts";
import { quoted, shapeSource } from "./shapeSource.ts";
import { commandFor } from "./testFramework.ts";
import { testTitleOf, threwOf } from "./testTitle.ts";

/** What a request test is made from. `root` is the folder where the service's commands run, "" for the top. */
export interface RequestOf {
  exception: Pick<Exception, "type" | "value">;
  place: Place;
  places: readonly Place[];
  request: CapturedRequest;
  root: string;
}

const SCRUBBED = /\[scrubbed:|\[Filtered\]|%5Bscrubbed/;
/** Headers not copied into the test: they belong to the connection, or the client sets them anew. */
const NOT_SENT =
  /^(?:host|connection|content-length|transfer-encoding|accept-encoding|user-agent|keep-alive|upgrade|te|trailer|origin|referer|cache-control|pragma|dnt|if-.*|sec-.*|x-request-id|x-forwarded.*|forwarded|via|traceparent|tracestate|baggage|sentry-.*|priority)$/i;
const MAX_HEADERS = 6;

/**
 * Tests that send the captured request to an app of the repository, in the test's own process. The most likely app
 * comes first.
 */
export async function requestTests(wanted: RequestOf, tree: Tree): Promise<RegressionTest[]> {
  const { exception, place, places, root } = wanted;
  const apps = await appsIn(places, tree);
  if (apps.length === 0) return [];
  const sent = sendable(wanted.request);
  const method = sent.method.toUpperCase();
  // The path is text of whoever sent the request. What it asks is in the test's code.
  const behaviour = await testTitleOf(exception, place, `${/^[A-Z]{1,16}$/.test(method) ? method : "a"} request`, tree);
  const title = behaviour.title.replace(" does not throw ", " does not fail ");
  const conventions = await conventionsFor(place.file, tree);
  const files = new Set(await tree.files());
  return apps.flatMap((app) =>
    alternatives(conventions, root).flatMap((one): RegressionTest[] => {
      // A CommonJS test of an ES module would be too long for a reader.
      if (one.module === "cjs" && app.module === "esm") return [];
      const path = freePath(one, place.file, behaviour.slug, files);
      const content = render(one, title, path, app, sent, threwOf(exception));
      const origin = sent.isWhole ? "captured" : "constructed";
      const command = commandFor(one.framework, inRoot(path, root));
      return [{ kind: "request", origin, path, title, content, command, recipe: null }];
    }),
  );
}

interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
  isWhole: boolean;
}

function sendable(request: CapturedRequest): Sent {
  const { pathname, search } = new URL(request.url, "http://localhost");
  const own = Object.entries(request.headers).filter(([name]) => !NOT_SENT.test(name));
  const kept = own.filter(([, value]) => !SCRUBBED.test(value)).slice(0, MAX_HEADERS);
  const hasBody = !/^(?:GET|HEAD)$/i.test(request.method) && request.body !== undefined;
  const isWhole = !SCRUBBED.test(request.url) && !(hasBody && SCRUBBED.test(request.body ?? ""));
  return {
    method: request.method,
    path: `${pathname}${search}`,
    headers: Object.fromEntries(kept),
    body: hasBody ? request.body : undefined,
    isWhole,
  };
}

function render(conventions: Conventions, title: string, path: string, app: App, sent: Sent, threw: string): string {
  const { style } = conventions;
  const name = app.name === null || app.name === "default" || !/^[A-Za-z_$][\w$]*$/.test(app.name) ? "app" : app.name;
  const from = quoted(specifier(path, app.file, conventions), style.quote);
  const instance = app.isFactory ? "instance" : name;
  const body = [
    `// It threw ${threw}.`,
    ...(app.isFactory ? [`const instance = await ${name}()`] : []),
    ...asking(app, instance, sent, conventions),
    // Closes before the assertion: an open server would keep a failing test from ending.
    ...(needsServer(app) ? ["server.close()"] : app.kind === "fastify" ? [`await ${instance}.close()`] : []),
    assertion(conventions, app.kind === "fastify" ? "response.statusCode" : "response.status"),
  ];
  const imports = [...serverImports(app, conventions), importOf(app, name, from, conventions)];
  return fileOf({ conventions, title }, { imports, body, isAsync: true });
}

function importOf(app: App, name: string, from: string, { module }: Conventions): string {
  const isWhole = app.name === null || app.name === "default";
  if (module === "cjs") return isWhole ? `const ${name} = require(${from})` : `const { ${name} } = require(${from})`;
  if (app.module === "cjs" && !isWhole) return `import module from ${from}\nconst { ${name} } = module`;
  return isWhole ? `import ${name} from ${from}` : `import { ${name} } from ${from}`;
}

function needsServer({ kind }: App): boolean {
  return kind === "express" || kind === "koa" || kind === "http";
}

function serverImports(app: App, { module, style }: Conventions): string[] {
  if (!needsServer(app)) return [];
  const load = (names: string, from: string) =>
    module === "esm"
      ? `import ${names} from ${quoted(from, style.quote)}`
      : `const ${names} = require(${quoted(from, style.quote)})`;
  return [load("{ once }", "node:events"), ...(app.kind === "http" ? [] : [load("http", "node:http")])];
}

/**
 * Statements that end by assigning `response`. The app's own error report must be printed, because it names the crash
 * site.
 */
function asking(app: App, instance: string, sent: Sent, conventions: Conventions): string[] {
  const { quote } = conventions.style;
  const given: Record<string, Shape> = { method: { k: "lit", v: sent.method } };
  if (Object.keys(sent.headers).length > 0) given.headers = textsOf(sent.headers);
  if (sent.body !== undefined) given[app.kind === "fastify" ? "payload" : "body"] = { k: "lit", v: sent.body };
  const options = (more: Record<string, Shape> = {}) =>
    shapeSource({ k: "obj", props: { ...more, ...given } }, { quote });
  const path = quoted(sent.path, quote);
  switch (app.kind) {
    case "hono":
      return [`const response = await ${instance}.request(${path}, ${options()})`];
    case "fetch":
      return [
        `const response = await ${instance}.fetch(new Request(new URL(${path}, "http://localhost"), ${options()}))`,
      ];
    case "fastify":
      return [
        `${instance}.addHook(${quoted("onError", quote)}, async (_request, _reply, error) => console.error(error))`,
        `const response = await ${instance}.inject(${options({ url: { k: "lit", v: sent.path } })})`,
      ];
    default: {
      const server =
        app.kind === "http"
          ? instance
          : `http.createServer(${app.kind === "koa" ? `${instance}.callback()` : instance})`;
      const address = `\`http://127.0.0.1:\${server.address().port}${sent.path.replace(/[`\\$]/g, "\\$&")}\``;
      return [
        `const server = ${server}.listen(0, ${quoted("127.0.0.1", quote)})`,
        `await once(server, ${quoted("listening", quote)})`,
        `const response = await fetch(${address}, ${options()})`,
      ];
    }
  }
}

function assertion({ framework }: Conventions, status: string): string {
  switch (framework.assertions) {
    case "expect":
      return `expect(${status}).toBeLessThan(500)`;
    case "chai.expect":
      return `expect(${status}).to.be.below(500)`;
    case "chai.assert":
      return `assert.isBelow(${status}, 500)`;
    case "should":
      return `should(${status}).be.below(500)`;
    case "t":
      return framework.name === "ava" ? `t.true(${status} < 500)` : `t.ok(${status} < 500)`;
    default:
      return `assert.ok(${status} < 500)`;
  }
}

function textsOf(texts: Readonly<Record<string, string>>): Shape {
  return { k: "obj", props: Object.fromEntries(Object.entries(texts).map(([k, v]) => [k, { k: "lit", v }])) };
}
