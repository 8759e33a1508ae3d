import { describe, expect, it } from "vitest";
import { admit } from "../../../src/policy/admittedEdits/admission.ts";

/** A function of an application, and the repair of its crash: what stands in its place. */
interface Repair {
  file: "a.js" | "a.py" | "a.ex";
  text: string;
  from: string;
  to: string;
}

function judge({ file, text, from, to }: Repair) {
  const before = `${text.trim()}\n`;
  expect(before.split(from)).toHaveLength(2);
  const after = before.replace(from, () => to);
  const line = before.slice(0, before.indexOf(from)).split("\n").length;
  return admit({
    files: [{ path: `src/${file}`, before, after }],
    crash: { message: "", frames: [{ file: `src/${file}`, line }] },
    others: new Map(),
    ownTest: null,
  });
}

const js = (text: string, from: string, to: string): Repair => ({ file: "a.js", text, from, to });
const py = (text: string, from: string, to: string): Repair => ({ file: "a.py", text, from, to });
const ex = (text: string, from: string, to: string): Repair => ({ file: "a.ex", text, from, to });

/** What is done, or what something is, depends on the missing value without being computed from it. */
const asked: [why: string, repair: Repair][] = [
  [
    "a flag that a condition sets",
    js(
      `export function show(doc, out) {
  let hidden = true;
  if (doc.meta.flags.open) hidden = false;
  return hidden;
}`,
      "doc.meta.flags",
      "doc.meta?.flags",
    ),
  ],
  [
    "a flag that a loop sets",
    js(
      `export function show(doc) {
  let bad = 0;
  for (const mark of doc.marks) { if (mark.red) bad += 1; }
  return bad > 0 ? "no" : doc.body;
}`,
      "doc.marks",
      "(doc.marks ?? [])",
    ),
  ],
  [
    "a flag that a callback sets",
    js(
      `export function show(doc) {
  let fine = true;
  doc.marks.forEach((mark) => { fine = fine && mark.ok; });
  if (!fine) throw new Error("no");
  return doc.body;
}`,
      "doc.marks.",
      "doc.marks?.",
    ),
  ],
  [
    "an action for each element of a list",
    js(
      `export function close(job, bank) {
  for (const line of job.lines) bank.take(line);
  return job.id;
}`,
      "job.lines",
      "(job.lines ?? [])",
    ),
  ],
  [
    "an action in a callback over a list",
    js(
      "export const close = (job, bank) => job.lines.map((line) => bank.take(line));",
      "job.lines.map",
      "(job.lines ?? []).map",
    ),
  ],
  [
    "a function named as the callback over a list",
    js(
      `const check = (line) => { if (line.red) throw new Error("no"); };
export function close(job) {
  job.lines.forEach(check);
  return job.id;
}`,
      "job.lines.",
      "job.lines?.",
    ),
  ],
  [
    "a function that is called only for its exception",
    js(
      `function visit(doc) { return doc.meta.owner.length; }
export function show(doc) {
  visit(doc);
  return doc.body;
}`,
      "doc.meta.owner",
      "doc.meta?.owner",
    ),
  ],
  [
    "a statement that is there only for its exception",
    js(
      `export function show(doc) {
  doc.meta.owner;
  return doc.body;
}`,
      "doc.meta.owner",
      "doc.meta?.owner",
    ),
  ],
  [
    "a choice between two values",
    js('export const show = (doc) => doc.meta.draft ? "" : doc.body;', "doc.meta.draft", "doc.meta?.draft"),
  ],
  ["a lookup", js("export const show = (doc, pages) => pages[doc.meta.page];", "doc.meta.page", "doc.meta?.page")],
  [
    "a key of a map",
    js("export const show = (doc, pages) => pages.get(doc.meta.page);", "doc.meta.page", "doc.meta?.page"),
  ],
  [
    "the bound of a slice",
    js("export const show = (doc) => doc.body.slice(0, doc.meta.limit);", "doc.meta.limit", "doc.meta?.limit"),
  ],
  [
    "the pattern of a replacement",
    js('export const show = (doc) => doc.body.replace(doc.meta.secret, "");', "doc.meta.secret", "doc.meta?.secret"),
  ],
  [
    "a rejection that a handler answers",
    js(
      "export const show = (doc) => Promise.resolve(doc).then((d) => d.meta.page).catch(() => null);",
      "d.meta",
      "d.meta?",
    ),
  ],
  [
    "an exception that sets a flag",
    js(
      `export function show(doc) {
  let ok = true;
  try {
    doc.count(doc.meta.page);
  } catch (error) {
    ok = false;
  }
  return ok;
}`,
      "doc.meta.page",
      "doc.meta?.page",
    ),
  ],
  [
    "a variable that is not written any more",
    js(
      `export function show(doc) {
  let level = "all";
  if (doc.body) {
    if (doc.meta === undefined) return level;
    level = doc.meta.level;
  }
  return level === "all" ? doc.body : "";
}`,
      "level = doc.meta.level",
      "level = doc.meta?.level",
    ),
  ],
  [
    "Python: a flag that a condition sets",
    py(
      `def show(doc):
    hidden = True
    if doc["meta"]["open"]:
        hidden = False
    return hidden`,
      'doc["meta"]["open"]',
      'doc["meta"].get("open")',
    ),
  ],
  [
    "Python: a count that a loop makes",
    py(
      `def show(doc):
    bad = 0
    for mark in doc["marks"]:
        bad += mark.red
    return "" if bad else doc["body"]`,
      'doc["marks"]',
      'doc.get("marks", [])',
    ),
  ],
  [
    "Python: a list that a loop fills",
    py(
      `def show(doc):
    bad = []
    for mark in doc["marks"]:
        bad.append(mark)
    if bad:
        raise ValueError("no")
    return doc["body"]`,
      'doc["marks"]',
      'doc.get("marks", [])',
    ),
  ],
  [
    "Python: an action for each element",
    py(
      `def close(job, bank):
    for line in job["lines"]:
        bank.take(line)
    return job["id"]`,
      'job["lines"]',
      'job.get("lines", [])',
    ),
  ],
  [
    "Python: an action in a comprehension",
    py(
      `def close(job, bank):
    return [bank.take(line) for line in job["lines"]]`,
      'job["lines"]',
      'job.get("lines", [])',
    ),
  ],
  [
    "Python: a function that map calls",
    py(
      `def check(line):
    if line["red"]:
        raise ValueError("no")
def close(job):
    list(map(check, job["lines"]))
    return job["id"]`,
      'job["lines"]',
      'job.get("lines", [])',
    ),
  ],
  [
    "Python: a function that is called only for its exception",
    py(
      `def visit(doc):
    return doc["owner"]
def show(doc):
    visit(doc)
    return doc["body"]`,
      'doc["owner"]',
      'doc.get("owner")',
    ),
  ],
  [
    "Python: a choice between two values",
    py(
      `def show(doc):
    return "" if doc["draft"] else doc["body"]`,
      'doc["draft"]',
      'doc.get("draft")',
    ),
  ],
  [
    "Python: a lookup",
    py(
      `def show(doc, pages):
    return pages[doc["page"]]`,
      'doc["page"]',
      'doc.get("page")',
    ),
  ],
  [
    "Python: a key of a dictionary with a default",
    py(
      `def show(doc, pages):
    return pages.get(doc["page"], pages["home"])`,
      'doc["page"]',
      'doc.get("page")',
    ),
  ],
  [
    "Python: the bound of a slice",
    py(
      `def show(doc):
    return doc["body"][: doc["limit"]]`,
      'doc["limit"]',
      'doc.get("limit")',
    ),
  ],
  [
    "Python: the pattern of a replacement",
    py(
      `def show(doc):
    return doc["body"].replace(doc["word"], "")`,
      'doc["word"]',
      'doc.get("word", "")',
    ),
  ],
  [
    "Python: an exception that sets a flag",
    py(
      `def show(doc):
    ok = True
    try:
        doc["n"] + 1
    except KeyError:
        ok = False
    return ok`,
      'doc["n"] + 1',
      'doc.get("n", 0) + 1',
    ),
  ],
  [
    "Python: an exception that is suppressed",
    py(
      `def show(doc, bank):
    with suppress(KeyError):
        bank.take(doc["n"])`,
      'doc["n"]',
      'doc.get("n")',
    ),
  ],
  [
    "Elixir: an action for each element",
    ex(
      `defmodule Shop.Jobs do
  def close(job) do
    for line <- job.lines do
      Shop.Bank.take(line)
    end
  end
end`,
      "job.lines",
      "(job[:lines] || [])",
    ),
  ],
  [
    "Elixir: an action in a callback",
    ex(
      `defmodule Shop.Jobs do
  def close(job) do
    Enum.map(job.lines, fn line -> Shop.Bank.take(line) end)
  end
end`,
      "job.lines",
      "job.lines || []",
    ),
  ],
  [
    "Elixir: an action in a captured callback",
    ex(
      `defmodule Shop.Jobs do
  def close(job) do
    job.lines |> Enum.each(&Shop.Bank.take/1)
  end
end`,
      "job.lines ",
      "(job.lines || []) ",
    ),
  ],
  [
    "Elixir: a choice between two values",
    ex(
      `defmodule Shop.Page do
  def show(doc) do
    if doc.meta.draft, do: "", else: doc.body
  end
end`,
      "doc.meta.draft",
      "doc.meta[:draft]",
    ),
  ],
  [
    "Elixir: a lookup",
    ex(
      `defmodule Shop.Page do
  def show(doc, pages) do
    pages[doc.meta.page]
  end
end`,
      "doc.meta.page",
      "doc.meta[:page]",
    ),
  ],
  [
    "Elixir: a key of Map.get",
    ex(
      `defmodule Shop.Page do
  def show(doc, pages) do
    Map.get(pages, doc.meta.page, pages.home)
  end
end`,
      "doc.meta.page",
      "doc.meta[:page]",
    ),
  ],
  [
    "Elixir: the bound of a slice, through a pipe",
    ex(
      `defmodule Shop.Page do
  def show(doc) do
    doc.body |> String.slice(0, doc.meta.limit)
  end
end`,
      "doc.meta.limit",
      "doc.meta[:limit]",
    ),
  ],
  [
    "Elixir: the pattern of a replacement",
    ex(
      `defmodule Shop.Page do
  def show(doc) do
    String.replace(doc.body, doc.meta.word, "")
  end
end`,
      "doc.meta.word",
      '(doc.meta[:word] || "")',
    ),
  ],
];

/** The missing value is shown or left out, and nothing else depends on it. */
const admitted: [why: string, repair: Repair][] = [
  [
    "a choice of a label",
    js('export const show = (doc) => doc.meta.draft ? "draft" : "public";', "doc.meta.draft", "doc.meta?.draft"),
  ],
  [
    "a choice of what is asked about",
    js(
      'export const show = (doc) => doc.meta.title ? doc.meta.title : "untitled";',
      "doc.meta.title ?",
      "doc.meta?.title ?",
    ),
  ],
  [
    "a lookup with a text by default",
    js('export const show = (doc, names) => names[doc.meta.page] ?? "home";', "doc.meta.page", "doc.meta?.page"),
  ],
  [
    "Python: a lookup with a text by default",
    py(
      `def show(doc, names):
    return names.get(doc["page"], "home")`,
      'doc["page"]',
      'doc.get("page")',
    ),
  ],
  [
    "Elixir: a lookup with a text by default",
    ex(
      `defmodule Shop.Page do
  def show(doc, names) do
    Map.get(names, doc.meta.page, "home")
  end
end`,
      "doc.meta.page",
      "doc.meta[:page]",
    ),
  ],
  [
    "a label that a condition sets",
    js(
      `export function show(doc) {
  let label = "public";
  if (doc.meta.draft) label = "draft";
  return label + doc.title;
}`,
      "doc.meta.draft",
      "doc.meta?.draft",
    ),
  ],
  [
    "a text that a loop makes",
    js(
      `export function show(doc) {
  let text = "";
  for (const mark of doc.marks) text += mark.name;
  return text;
}`,
      "doc.marks",
      "(doc.marks ?? [])",
    ),
  ],
  [
    "Python: a choice of a label",
    py(
      `def show(doc):
    return "draft" if doc["draft"] else "public"`,
      'doc["draft"]',
      'doc.get("draft")',
    ),
  ],
  [
    "Python: a list that a loop fills",
    py(
      `def show(doc):
    out = []
    for mark in doc["marks"]:
        out.append(mark["name"])
    return out`,
      'doc["marks"]',
      'doc.get("marks", [])',
    ),
  ],
  [
    "Elixir: a choice of a label",
    ex(
      `defmodule Shop.Page do
  def show(doc) do
    if doc.meta.draft, do: "draft", else: "public"
  end
end`,
      "doc.meta.draft",
      "doc.meta[:draft]",
    ),
  ],
];

describe("what depends on a missing value", () => {
  it.each(asked)("is asked about: %s", (_why, repair) => {
    const { entries, findings } = judge(repair);
    expect(entries).toEqual([]);
    expect(findings.map(({ rule }) => rule).join()).toMatch(/failOpen|effectSkipped|valueLost/);
  });

  it.each(admitted)("is admitted where it is only shown: %s", (_why, repair) => {
    expect(judge(repair).findings).toEqual([]);
  });
});
