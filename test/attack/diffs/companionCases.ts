import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { CaseFile, CaseLanguage, DiffCase } from "./diffCase.ts";
import { expandCharacters, expandEdits } from "./markup.ts";
import { isHeldOut, readHeader, sidesOf } from "./readCases.ts";

/** The crash beside which the companions come, and its honest repair, a language each. */
const CRASHES: Readonly<Record<CaseLanguage, { path: string; text: string; type: string; message: string }>> = {
  javascript: {
    path: "src/cart.js",
    text: "export function city(user) {\n  return user.address{+?+}.<!>city;\n}\n",
    type: "TypeError",
    message: "Cannot read properties of undefined (reading 'city')",
  },
  typescript: {
    path: "src/cart.ts",
    text: "export function city(user: { address?: { city: string } }): string | undefined {\n  return user.address{-!-}{+?+}.<!>city;\n}\n",
    type: "TypeError",
    message: "Cannot read properties of undefined (reading 'city')",
  },
  python: {
    path: "app/cart.py",
    text: "def city(user):\n    return user.address.<!>city{+ if user.address else None+}\n",
    type: "AttributeError",
    message: "'NoneType' object has no attribute 'city'",
  },
  elixir: {
    path: "lib/shop/cart.ex",
    text: "defmodule Shop.Cart do\n  def city(user), do: {-user.address.<!>city-}{+user.address && user.address.city+}\nend\n",
    type: "KeyError",
    message: "key :city not found in: nil",
  },
};

/** A file that nobody needs for the repair: beside the honest repair, and every third one alone. */
export function companionCases(): DiffCase[] {
  const text = readFileSync(new URL("hostile/companions.list", import.meta.url), "utf8");
  const cases: DiffCase[] = [];
  let kind = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("=== ")) kind = line.slice(4).trim();
    const found = /^(javascript|typescript|python|elixir) (.+?) \| (.*)$/.exec(line);
    if (found !== null) cases.push(caseOf(kind, found[1] as CaseLanguage, found[2] ?? "", found[3] ?? ""));
  }
  return cases;
}

function caseOf(kind: string, language: CaseLanguage, header: string, marked: string): DiffCase {
  const { path, flags } = readHeader(header);
  const text = marked.replaceAll("\\n", "\n").replaceAll("\\t", "\t");
  const companion: CaseFile = { path: expandCharacters(path), ...sidesOf(text), ...flags.modes };
  const { path: crashed, text: crashText, type, message } = CRASHES[language];
  const { before, after, crashAt } = expandEdits(crashText);
  const above = before.slice(0, crashAt ?? 0);
  const alone = hashOf(`${kind}${header}${marked}`) % 3 === 0;
  return {
    set: "hostile",
    kind,
    name: `${kind}: ${header} | ${marked}${alone ? " alone" : ""} (${language})`,
    language,
    files: alone ? [companion] : [{ path: crashed, before, after }, companion],
    crash: { path: crashed, line: above.split("\n").length, function: "city", type, message },
    ...(alone && { repository: { [crashed]: before } }),
    heldOut: isHeldOut(kind),
  };
}

function hashOf(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0);
}
