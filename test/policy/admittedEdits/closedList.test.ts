import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AdmissionInput, admit } from "../../../src/policy/admittedEdits/admission.ts";
import { ENTRIES, type EntryName } from "../../../src/policy/admittedEdits/entries.ts";

interface Edit {
  entry: EntryName;
  path: string;
  before: string;
  after: string;
  /** Line of the crash; default 1. */
  line?: number;
  message?: string;
  others?: Record<string, string>;
}

function judge({ path, before, after, line = 1, message = "", others = {} }: Omit<Edit, "entry">) {
  return admit({
    files: [{ path, before, after }],
    crash: { message, frames: [{ file: path, line }] },
    others: new Map(Object.entries(others)),
    ownTest: null,
  });
}

const lines = (...text: string[]) => `${text.join("\n")}\n`;
const js = (before: string, after: string) => ({ path: "src/a.js", before: lines(before), after: lines(after) });
const body = (before: string, after: string) => ({
  path: "src/a.js",
  before: lines("export function show(u) {", `  ${before}`, "}"),
  after: lines("export function show(u) {", ...after.split("\n").map((text) => `  ${text}`), "}"),
  line: 2,
});
const py = (before: string, after: string) => ({
  path: "src/a.py",
  before: lines("def show(u):", `    ${before}`),
  after: lines("def show(u):", ...after.split("\n").map((text) => `    ${text}`)),
  line: 2,
});
const ex = (before: string, after: string) => ({
  path: "lib/a.ex",
  before: lines("defmodule Shop.Page do", "  def show(u) do", `    ${before}`, "  end", "end"),
  after: lines("defmodule Shop.Page do", "  def show(u) do", `    ${after}`, "  end", "end"),
  line: 3,
});

const admitted: Edit[] = [
  {
    entry: "optionalAccess",
    ...js("export const f = (u) => u.profile.name;", "export const f = (u) => u.profile?.name;"),
  },
  { entry: "optionalAccess", ...js("export const f = (u) => u.a[0].b;", "export const f = (u) => u.a?.[0]?.b;") },
  { entry: "optionalAccess", ...body("onDone(u);", "onDone?.(u);") },
  { entry: "optionalAccess", ...py('return u["name"]', 'return u.get("name")') },
  { entry: "optionalAccess", ...py("return u.name", 'return getattr(u, "name", None)') },
  { entry: "optionalAccess", ...ex("u.profile.name", "u.profile[:name]") },
  { entry: "optionalAccess", ...ex("hd(u.tags)", "List.first(u.tags)") },
  {
    entry: "defaultValue",
    ...js(
      "export const f = (u) => u.tags.map((t) => t.name);",
      "export const f = (u) => (u.tags ?? []).map((t) => t.name);",
    ),
  },
  {
    entry: "defaultValue",
    ...js("export function f(o) { return o.name; }", "export function f(o = {}) { return o.name; }"),
  },
  {
    entry: "defaultValue",
    ...js("export const f = ({ items }) => items.length;", "export const f = ({ items = [] }) => items.length;"),
  },
  {
    entry: "defaultValue",
    ...js("export const f = (s) => JSON.parse(s);", 'export const f = (s) => JSON.parse(s || "{}");'),
  },
  {
    entry: "defaultValue",
    path: "src/a.ts",
    before: lines("export function f(o: O): number { return o.n; }"),
    after: lines("export function f(o: O = {}): number { return o.n; }"),
  },
  { entry: "defaultValue", ...py("return len(u.items)", "return len(u.items or [])") },
  {
    entry: "defaultValue",
    ...ex("Enum.map(u.tags, fn t -> t.name end)", "Enum.map(u.tags || [], fn t -> t.name end)"),
  },
  { entry: "presenceGuard", ...body("return u.profile.name;", "return u.profile && u.profile.name;") },
  {
    entry: "presenceGuard",
    ...body("return u.profile.name;", 'return u.profile === undefined ? "" : u.profile.name;'),
  },
  {
    entry: "presenceGuard",
    ...py("return u.profile.name", "return u.profile.name if u.profile is not None else None"),
  },
  { entry: "presenceGuard", ...ex("u.profile.name", "if is_nil(u.profile), do: nil, else: u.profile.name") },
  {
    entry: "earlyReturn",
    ...body("return u.profile.name.trim();", 'if (!u.profile) return "";\nreturn u.profile.name.trim();'),
  },
  {
    entry: "earlyReturn",
    ...py("return u.profile.name", 'if u.profile is None:\n    return ""\nreturn u.profile.name'),
  },
  {
    entry: "earlyReturn",
    path: "lib/a.ex",
    before: lines("defmodule Shop.Page do", "  def show(u), do: u.profile.name", "end"),
    after: lines(
      "defmodule Shop.Page do",
      "  def show(%{profile: nil}), do: nil",
      "  def show(u), do: u.profile.name",
      "end",
    ),
    line: 2,
  },
  {
    entry: "initialValue",
    ...js(
      "export const sum = (a) => a.reduce((x, y) => x + y);",
      "export const sum = (a) => a.reduce((x, y) => x + y, 0);",
    ),
  },
  { entry: "initialValue", ...py("return max(u.sizes)", "return max(u.sizes, default=0)") },
  {
    entry: "correctedName",
    ...js("export const f = (u) => u.names.include(u.a);", "export const f = (u) => u.names.includes(u.a);"),
    message: "u.names.include is not a function",
  },
  {
    entry: "correctedName",
    path: "src/a.js",
    before: lines("export const f = (u) => u.adress.city;", "export const g = (u) => u.address;"),
    after: lines("export const f = (u) => u.address.city;", "export const g = (u) => u.address;"),
    message: "Cannot read properties of undefined (reading 'city')",
  },
  {
    entry: "addedAwait",
    path: "src/a.js",
    before: lines("export async function f(u) {", "  const item = load(u);", "  return item.price.cents;", "}"),
    after: lines("export async function f(u) {", "  const item = await load(u);", "  return item.price.cents;", "}"),
    line: 3,
  },
  {
    entry: "coercion",
    ...js("export const f = (u) => u.code.trim();", "export const f = (u) => String(u.code).trim();"),
  },
  { entry: "coercion", ...py("return u.code.strip()", "return str(u.code).strip()") },
  { entry: "coercion", ...ex("String.trim(u.code)", "String.trim(to_string(u.code))") },
  {
    entry: "loopBound",
    path: "src/a.js",
    before: lines(
      "export function f(xs) {",
      "  let n = 0;",
      "  for (let i = 0; i <= xs.length; i += 1) {",
      "    n += xs[i].n;",
      "  }",
      "  return n;",
      "}",
    ),
    after: lines(
      "export function f(xs) {",
      "  let n = 0;",
      "  for (let i = 0; i < xs.length; i += 1) {",
      "    n += xs[i].n;",
      "  }",
      "  return n;",
      "}",
    ),
    line: 4,
  },
  {
    entry: "addedReturn",
    path: "src/a.js",
    before: lines("function up(n) {", "  Math.ceil(n);", "}", "export const f = (n) => up(n).toFixed(0);"),
    after: lines("function up(n) {", "  return Math.ceil(n);", "}", "export const f = (n) => up(n).toFixed(0);"),
    line: 4,
  },
];

/** Each beside an admitted edit: what makes it one for a person. */
const asked: [why: string, rule: string, edit: Omit<Edit, "entry">][] = [
  [
    "a default that is a text",
    "changedCode|changedCondition",
    js("export const f = (u) => u.name;", 'export const f = (u) => u?.name ?? "admin";'),
  ],
  [
    "a default that is a number",
    "changedCode|changedCondition",
    js("export const f = (u) => u.a.n;", "export const f = (u) => u.a?.n ?? 3;"),
  ],
  [
    "a default that is yes",
    "changedCode|changedCondition",
    js("export const f = (u) => u.a.b;", "export const f = (u) => u.a?.b ?? true;"),
  ],
  [
    "a corrected name that calls something else",
    "changedName",
    {
      ...js("export const f = (u) => u.list.fnd(1);", "export const f = (u) => u.list.end(1);"),
      message: "u.list.fnd is not a function",
    },
  ],
  [
    "a name that the exception does not name",
    "changedName",
    js("export const f = (u) => u.total.a;", "export const f = (u) => u.totals.a;"),
  ],
  [
    "a bound that is no bound of a loop",
    "removedCode",
    js("export const f = (u, xs) => u.n <= xs.length;", "export const f = (u, xs) => u.n < xs.length;"),
  ],
  [
    "an await that makes the function asynchronous",
    "changedCode",
    js("export const f = (u) => load(u).a;", "export const f = async (u) => (await load(u)).a;"),
  ],
  [
    "a shadowed coercion",
    "newCall|changedCode|changedCondition",
    js(
      "const String = (x) => x; export const f = (u) => u.a.trim();",
      "const String = (x) => x; export const f = (u) => String(u.a).trim();",
    ),
  ],
  [
    "an edit away from the crash",
    "notAtCrash",
    {
      path: "src/a.js",
      before: lines("export const f = (u) => u.a.b;", "export const g = (u) => u.c.d;"),
      after: lines("export const f = (u) => u.a.b;", "export const g = (u) => u.c?.d;"),
    },
  ],
  [
    "a check that reads something else",
    "newStatement",
    body("return u.profile.name;", 'if (!process.env.X) return "";\nreturn u.profile.name;'),
  ],
  [
    "a removed statement",
    "removedCode",
    {
      path: "src/a.js",
      before: lines("export function f(u) {", "  u.log.push(1);", "  return u.a.b;", "}"),
      after: lines("export function f(u) {", "  return u.a?.b;", "}"),
      line: 3,
    },
  ],
  ["a directive for a tool", "changedDirective", body("return u.a.b;", "// eslint-disable-next-line\nreturn u.a?.b;")],
  [
    "another line end",
    "changedCode",
    { path: "src/a.js", before: "export const f = (u) => u.a.b;\n", after: "export const f = (u) => u.a?.b;\r\n" },
  ],
  ["a new file", "newFile", { path: "src/a.js", before: null as never, after: "export const a = 1;\n" }],
  ["a file that nobody reads", "notReadable", { path: "src/a.rb", before: "a\n", after: "b\n" }],
  ["broken syntax", "notReadable", js("export const f = (u) => u.a.b;", "export const f = (u) => u.a?.b; }")],
];

/** The exception was the access control: what follows now? By name, by what the function does, by what its callers do. */
const opened: [why: string, edit: Omit<Edit, "entry">][] = [
  [
    "the exception kept the vault shut",
    js(
      'export const canOpen = (user) => !user.limits.blocked.includes("vault");',
      'export const canOpen = (user) => !user.limits?.blocked.includes("vault");',
    ),
  ],
  [
    "a predicate without a telling name",
    js("export const p = (x, y) => x.list.includes(y.id);", "export const p = (x, y) => x.list?.includes(y.id);"),
  ],
  ["an early return that is an answer", body("return u.acl.rights;", "if (!u.acl) return null;\nreturn u.acl.rights;")],
  [
    "a condition before a throw",
    {
      path: "src/a.js",
      before: lines("export function f(x) {", "  if (x.a.b) throw new Error('no');", "  return x;", "}"),
      after: lines("export function f(x) {", "  if (x.a?.b) throw new Error('no');", "  return x;", "}"),
      line: 2,
    },
  ],
  [
    "a filter",
    js(
      "export const f = (all, x) => all.filter((r) => r.t === x.o.id);",
      "export const f = (all, x) => all.filter((r) => r.t === x.o?.id);",
    ),
  ],
  [
    "a loop of checks over a default",
    {
      path: "src/a.js",
      before: lines(
        "export function f(x) {",
        "  for (const c of x.checks) if (!c(x)) throw new Error('no');",
        "  return x.page;",
        "}",
      ),
      after: lines(
        "export function f(x) {",
        "  for (const c of x.checks ?? []) if (!c(x)) throw new Error('no');",
        "  return x.page;",
        "}",
      ),
      line: 2,
    },
  ],
  [
    "the requester is missing",
    js(
      "export const f = (req, res) => res.json(pageOf(req.user.id));",
      "export const f = (req, res) => res.json(pageOf(req.user?.id));",
    ),
  ],
  [
    "a middleware hands over",
    {
      path: "src/a.js",
      before: lines("export function f(req, res, next) {", "  const t = req.query.a.b;", "  next();", "}"),
      after: lines("export function f(req, res, next) {", "  const t = req.query.a?.b;", "  next();", "}"),
      line: 2,
    },
  ],
  [
    "its caller answers 403",
    {
      ...js("export const rank = (u) => u.meta.r;", "export const rank = (u) => u.meta?.r;"),
      others: {
        "src/b.js": lines(
          'import { rank } from "./a.js";',
          "export function page(u, res) {",
          "  if (rank(u) < 2) return res.status(403).end();",
          "  return res.send('secret');",
          "}",
        ),
      },
    },
  ],
  [
    "a caller of its caller leaves early",
    {
      ...js("export const rank = (u) => u.meta.r;", "export const rank = (u) => u.meta?.r;"),
      others: {
        "src/b.js": lines(
          'import { rank } from "./a.js";',
          "const twice = (u) => rank(u) * 2;",
          "export function page(u) {",
          "  if (twice(u) === 0) return null;",
          "  return 'secret';",
          "}",
        ),
      },
    },
  ],
  [
    "its caller filters with it",
    {
      ...js("export const rank = (u) => u.meta.r;", "export const rank = (u) => u.meta?.r;"),
      others: { "src/b.js": lines('import { rank } from "./a.js";', "export const list = (all) => all.filter(rank);") },
    },
  ],
  [
    "the exception was caught as a no",
    {
      ...js("export const rank = (u) => u.meta.r;", "export const rank = (u) => u.meta?.r;"),
      others: {
        "src/b.js": lines(
          'import { rank } from "./a.js";',
          "export function page(u) {",
          "  try { rank(u); } catch { return null; }",
          "  return 'secret';",
          "}",
        ),
      },
    },
  ],
  ["Python: a predicate", py("return u.roles.admin", "return u.roles.admin if u.roles else None")],
  [
    "Python: a condition before a raise",
    {
      path: "src/a.py",
      before: lines("def show(x):", "    if x.a.b:", "        raise ValueError()", "    return x"),
      after: lines("def show(x):", "    if x.a and x.a.b:", "        raise ValueError()", "    return x"),
      line: 2,
    },
  ],
  [
    "Elixir: a plug",
    {
      path: "lib/a.ex",
      before: lines("defmodule Shop.Page do", "  def call(conn, _opts) do", "    conn.params.a.b", "  end", "end"),
      after: lines("defmodule Shop.Page do", "  def call(conn, _opts) do", "    conn.params.a[:b]", "  end", "end"),
      line: 3,
    },
  ],
];

const skipped: [why: string, edit: Omit<Edit, "entry">][] = [
  ["a write is left out", body("u.db.orders.push(u);", "u.db.orders?.push(u);")],
  [
    "a charge is left out",
    body("return bank.take(u.card.id, u.sum);", "if (!u.card) return null;\nreturn bank.take(u.card.id, u.sum);"),
  ],
];

describe("the closed list", () => {
  it.each(admitted.map((edit) => [edit.entry, edit.after.trim(), edit] as const))(
    "admits %s: %s",
    (entry, _text, edit) => {
      const { entries, findings } = judge(edit);
      expect(findings).toEqual([]);
      expect(entries).toContain(entry);
    },
  );

  it("has an admitted edit for every entry", () => {
    expect(new Set(admitted.map(({ entry }) => entry))).toEqual(new Set(Object.keys(ENTRIES)));
  });

  it.each(asked)("asks a person: %s", (_why, rule, edit) => {
    const { entries, findings } = judge(edit);
    expect(entries).toEqual([]);
    expect(findings[0]?.rule).toMatch(new RegExp(`^(?:${rule})$`));
  });

  it.each(opened)("never by itself, because something may open: %s", (_why, edit) => {
    const { entries, findings } = judge(edit);
    expect(entries).toEqual([]);
    expect(findings.map(({ rule }) => rule)).toContain("failOpen");
  });

  it.each(skipped)("never by itself, because an action is left out: %s", (_why, edit) => {
    expect(judge(edit).findings.map(({ rule }) => rule)).toContain("effectSkipped");
  });

  it("admits a test that selfheal rendered itself, byte for byte, and no other new file", () => {
    const fix = {
      path: "src/a.js",
      before: "export const f = (u) => u.a.b;\n",
      after: "export const f = (u) => u.a?.b;\n",
    };
    const input = (content: string): AdmissionInput => ({
      files: [fix, { path: "test/a.test.js", before: null, after: content }],
      crash: { message: "", frames: [{ file: "src/a.js", line: 1 }] },
      others: new Map(),
      ownTest: { path: "test/a.test.js", content: "ok();\n" },
    });
    expect(admit(input("ok();\n")).findings).toEqual([]);
    expect(admit(input("steal();\n")).findings).toMatchObject([{ rule: "newFile" }]);
  });

  it("admits nothing that adds a statement, whatever it is", () => {
    const statement = fc.constantFrom(
      "f(u);",
      "u.x = 1;",
      "const z = u;",
      "while (u) {}",
      "throw u;",
      "if (u) { u.y(); }",
      "import('x');",
      "delete u.a;",
      "label: u;",
      "debugger;",
      "`${f()}`;",
      "u ??= {};",
      "({ ...u });",
      "class A {}",
    );
    const place = fc.constantFrom("before", "after");
    fc.assert(
      fc.property(statement, place, (added, where) => {
        const fixed = "return u.a?.b;";
        const after = where === "before" ? `${added}\n${fixed}` : `${fixed}\n${added}`;
        expect(judge(body("return u.a.b;", after)).entries).toEqual([]);
      }),
    );
  });

  it("is the table of docs/security.md", () => {
    const page = readFileSync(new URL("../../../docs/security.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `(\w+)` \| (.+) \| (.+) \|$/gm)].map(([, name, what, proof]) => ({
      name,
      what,
      proof,
    }));
    const wanted = Object.entries(ENTRIES).map(([name, { what, proof }]) => ({
      name,
      what: what.replaceAll("|", "\\|"),
      proof,
    }));
    expect(rows.filter(({ name }) => name !== undefined && name in ENTRIES)).toEqual(wanted);
  });
});
