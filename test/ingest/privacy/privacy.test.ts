import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseConfig } from "../../../src/config/index.ts";
import { createLiveConfig } from "../../../src/config/liveConfig.ts";
import { InvalidInputError } from "../../../src/domain/errors.ts";
import { DEFAULT_PRIVACY, type PrivacyRules } from "../../../src/domain/privacy.ts";
import { redactionBy, redactionOf } from "../../../src/ingest/privacy/redactionConfig.ts";
import { redactText } from "../../../src/ingest/privacy/redactText.ts";
import { openEmbeddedStores } from "../../../src/store/embedded.ts";
import { SERVER_KEY, startIngest } from "../../helpers/ingestServer.ts";
import { tempFolder } from "../../helpers/tempFolder.ts";

const RULES: PrivacyRules = {
  ...DEFAULT_PRIVACY,
  denyKeys: ["patientNo"],
  patterns: [{ name: "case-number", pattern: "CASE-\\d{6}", ignoreCase: true }],
};

function redactedBy(rules: Partial<PrivacyRules>, text: string): string {
  const redaction = redactionOf({ ...DEFAULT_PRIVACY, ...rules });
  const once = redactText(text, "all", redaction);
  expect(redactText(once, "all", redaction)).toBe(once);
  return once;
}

describe("e-mail and IP addresses, by choice", () => {
  const TEXT = "ann.lee@mail.example.org from 203.0.113.77, 2001:db8:1:2::5 and 127.0.0.1";
  test.each<[Partial<PrivacyRules>, string]>([
    [{}, "[scrubbed:email] from [scrubbed:ip], [scrubbed:ip] and 127.0.0.1"],
    [{ emails: "keep" }, "ann.lee@mail.example.org from [scrubbed:ip], [scrubbed:ip] and 127.0.0.1"],
    [{ ipAddresses: "keep" }, "[scrubbed:email] from 203.0.113.77, 2001:db8:1:2::5 and 127.0.0.1"],
    [{ emails: "mask", ipAddresses: "mask" }, "[email:mail.example.org] from 203.0.113.0, 2001:db8:1:: and 127.0.0.1"],
  ])("%j", (rules, expected) => {
    expect(redactedBy(rules, TEXT)).toBe(expected);
  });

  test("kept addresses still give no password away", () => {
    expect(redactedBy({ emails: "keep" }, "https://ann:hunter2@db.example/x password=hunter2 a@b.example")).toBe(
      "https://[scrubbed:credentials]@db.example/x password=[scrubbed:secret] a@b.example",
    );
  });

  test("a masked IPv6 address is one, and masking again changes nothing", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const masked = redactedBy({ ipAddresses: "mask" }, `from ${address} on`);
        expect(masked === `from ${address} on` || !masked.includes(address) || masked.endsWith(":: on")).toBe(true);
      }),
    );
  });
});

describe("patterns of one's own", () => {
  test("are replaced by their name, wherever they stand", () => {
    expect(redactedBy(RULES, "of CASE-123456, case-654321 and CASE-12")).toBe(
      "of [scrubbed:case-number], [scrubbed:case-number] and CASE-12",
    );
  });

  test("a denied name is found in text too", () => {
    expect(redactedBy(RULES, "/x?patient_no=77&page=2")).toBe("/x?patient_no=[scrubbed:secret]&page=2");
  });

  test.each([
    ["(", "is no regular expression"],
    ["x*", "matches the empty text"],
    ["\\w+", "stands for what was taken out"],
    ["\\d+-\\d+x", "polynomial"],
    ["(x+x+)+y", "exponential"],
    ["a{1,99999999999999}", "could not be shown to be fast"],
    ["x".repeat(201), ""],
  ])("%s is refused when the configuration is read", (pattern, why) => {
    const read = () => parseConfig({ services: [], privacy: { patterns: [{ name: "mine", pattern }] } });
    expect(read).toThrow(InvalidInputError);
    try {
      read();
    } catch (error) {
      const [fault] = (error as InvalidInputError).faults;
      expect(fault?.path).toBe("privacy.patterns[0].pattern");
      expect(fault?.message).toContain(why);
    }
  });

  test("good ones are taken, and a change of the configuration holds from then on", () => {
    const first = parseConfig({ services: [], privacy: { patterns: [{ name: "mine", pattern: "MRN-\\d{4,8}" }] } });
    const live = createLiveConfig(first);
    const now = redactionBy(() => live.config.privacy);
    const before = now();
    expect(redactText("MRN-1234 a@b.example", "all", before)).toBe("[scrubbed:mine] [scrubbed:email]");
    expect(now()).toBe(before);
    live.apply(parseConfig({ services: [], privacy: { emails: "keep" } }));
    expect(redactText("MRN-1234 a@b.example", "all", now())).toBe("MRN-1234 a@b.example");
  });
});

/** What must not reach the disk, by kind; each is found by what it looks like. */
const SECRETS = {
  card: "4111 1111 1111 1111",
  cardOnly: "5500005555555559",
  jwt: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLXh4",
  github: "ghp_0123456789abcdefghij0123456789abcdef",
  aws: "AKIAIOSFODNN7EXAMPLE",
  stripe: "sk_live_0123456789abcdefXYZ",
  slack: "xoxb-123456789012-abcdefABCDEF",
  bearer: "Bearer abcdef0123456789abcdef",
  email: "ada.lovelace@example.org",
  ip: "203.0.113.77",
  own: "CASE-424242",
};
/** Found by the name that it stands under. */
const NAMED = {
  password: "correct horse battery",
  patientNo: "plain 4711",
  authorization: "opaque-value-11",
  cookie: "crumb-7788",
};

type Plant = (secret: string) => Record<string, unknown>;
const nested = (value: unknown, depth: number): unknown =>
  Array.from({ length: depth }).reduce((inner, _, i) => (i % 2 === 0 ? { level: inner } : [inner]), value);
const frame = (more: object) => ({ file: "/srv/a.js", line: 1, column: 1, function: "f", ...more });
const native = (frames: object[], more: object = {}) => ({ exception: { type: "E", value: "v", frames }, ...more });
const PLACES: Record<string, Plant> = {
  message: (s) => ({ exception: { type: "E", value: `it said ${s} twice` } }),
  type: (s) => ({ exception: { type: `E ${s}`, value: "" } }),
  stack: (s) => ({ exception: { type: "E", value: s, stack: `E: ${s}\n    at f (/srv/${s}/a.js:1:2)` } }),
  cause: (s) => ({
    exception: { type: "E", value: "", cause: { type: "C", value: s, cause: { type: "D", value: s } } },
  }),
  locals: (s) => native([frame({ vars: { a: nested({ note: s }, 9) } })]),
  "local's name": (s) => native([frame({ vars: { [s]: 1 } })]),
  "details of a frame": (s) => ({
    exception: {
      type: "E",
      value: "",
      stack: "E\n    at f (/srv/a.js:1:1)",
      frame_details: [
        frame({ vars: { a: s }, context_line: `x("${s}")`, pre_context: [`// ${s}`], post_context: [`y('${s}')`] }),
      ],
    },
  }),
  "source lines": (s) =>
    native([frame({ context_line: `const k = "${s}";`, pre_context: [`"${s}"`], post_context: [`// ${s}`] })]),
  url: (s) => native([], { request: { method: "GET", url: `/x/${s}?q=${s}` } }),
  "encoded query": (s) => native([], { request: { method: "GET", url: `/x?q=1&to=${s}&z=2` } }),
  header: (s) => native([], { request: { method: "GET", url: "/", headers: { "x-note": s, accept: [s, s] } } }),
  body: (s) => native([], { request: { method: "POST", url: "/", body: nested({ note: s, list: [s] }, 7) } }),
  "text body": (s) => native([], { request: { method: "POST", url: "/", body: `a=1&note=${s}` } }),
  "broken body": (s) => native([], { request: { method: "POST", url: "/", body: `{"note":"${s}","x":[` } }),
  tag: (s) => native([], { tags: { note: s } }),
  breadcrumbs: (s) =>
    native([], { extra: { breadcrumbs: [{ category: "fetch", data: { url: `/y?${s}`, note: [s] } }] } }),
  "deep context": (s) => native([], { extra: { a: nested(s, 20) } }),
  release: (s) => native([], { release: s, environment: s }),
};
const NAMED_PLACES: Record<string, (name: string, value: string) => Record<string, unknown>> = {
  locals: (n, v) => native([frame({ vars: { user: nested({ [n]: v }, 6), [n]: { inner: v } } })]),
  headers: (n, v) => native([], { request: { method: "GET", url: "/", headers: { [n]: v } } }),
  query: (n, v) => native([], { request: { method: "GET", url: `/x?a=1&${n}=${encodeURIComponent(v)}` } }),
  body: (n, v) => native([], { request: { method: "POST", url: "/", body: JSON.stringify(nested({ [n]: v }, 5)) } }),
  form: (n, v) => native([], { request: { method: "POST", url: "/", body: `a=1&${n}=${v.replaceAll(" ", "+")}` } }),
  tags: (n, v) => native([], { tags: { [n]: v } }),
  breadcrumbs: (n, v) => native([], { extra: { breadcrumbs: [{ data: { [n]: v } }] } }),
  source: (n, v) => native([frame({ context_line: `connect({ ${n}: "${v}" })`, pre_context: [`${n} = "${v}"`] })]),
  message: (n, v) => ({ exception: { type: "E", value: `failed: ${n}="${v}"` } }),
};

describe("what is secret reaches no file of the data folder", () => {
  test("by what it looks like, or by its name, at any depth of any field", async () => {
    const dir = tempFolder();
    const stores = await openEmbeddedStores(dir, { now: () => Date.now() });
    onTestFinished(() => stores.close());
    const server = await startIngest({ stores, privacy: () => RULES });
    const kind = fc.constantFrom(...(Object.keys(SECRETS) as (keyof typeof SECRETS)[]));
    const named = fc.constantFrom(...(Object.keys(NAMED) as (keyof typeof NAMED)[]));
    const spelt = fc.constantFrom(
      (n: string) => n,
      (n: string) => n.toUpperCase(),
      (n: string) => n.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
    );
    const events = [
      ...Object.values(PLACES).flatMap((plant) => Object.values(SECRETS).map(plant)),
      ...Object.values(NAMED_PLACES).flatMap((plant) =>
        Object.entries(NAMED).map(([name, value]) => plant(name, value)),
      ),
      ...fc
        .sample(fc.tuple(fc.constantFrom(...Object.values(NAMED_PLACES)), named, spelt), 100)
        .map(([plant, name, spell]) => plant(spell(name), NAMED[name])),
      // Beside each other, and with other text at their edges.
      ...fc
        .sample(
          fc.tuple(fc.constantFrom(...Object.values(PLACES)), kind, kind, fc.constantFrom(" ", ", ", "\n", "; ")),
          200,
        )
        .map(([plant, a, b, gap]) => plant(`${SECRETS[a]}${gap}${SECRETS[b]}`)),
    ];
    for (let i = 0; i < events.length; i += 100) {
      const body = JSON.stringify(events.slice(i, i + 100).map((event) => ({ ...event, service: "shop-api" })));
      const headers = { "content-type": "application/json", "x-selfheal-key": SERVER_KEY };
      const answer = await fetch(`${server.url}/v1/events`, { method: "POST", headers, body });
      expect(await answer.json()).toMatchObject({ accepted: Math.min(100, events.length - i) });
    }
    const stored = await server.stored();
    expect(stored).toHaveLength(events.length);
    const files = readdirSync(dir).filter((name) => name.startsWith("selfheal.sqlite"));
    const written = files.map((name) => readFileSync(join(dir, name), "latin1")).join("");
    const all = [...Object.values(SECRETS), ...Object.values(NAMED), ...Object.values(NAMED).map(encodeURIComponent)];
    const left = all.filter((secret) => written.includes(secret) || written.includes(secret.replaceAll(" ", "+")));
    const where = left.flatMap((secret) => stored.filter((one) => JSON.stringify(one).includes(secret)).slice(0, 3));
    expect({ left, where }).toEqual({ left: [], where: [] });
  });
});
