import { describe, expect, it } from "vitest";
import { otherLanguageOf } from "../../../src/syntax/grammars.ts";
import { repairsOf } from "../../helpers/repairs.ts";

const hasGrammar = otherLanguageOf("a.py") !== null;
const none = (member: string) => ({
  type: "AttributeError",
  message: `'NoneType' object has no attribute '${member}'`,
});
const key = (name: string) => ({ type: "KeyError", message: `'${name}'` });
const index = { type: "IndexError", message: "list index out of range" };
const zero = { type: "ZeroDivisionError", message: "division by zero" };

const repairs = (crash: { type: string; message: string }, code: string, more: Record<string, string> = {}) =>
  repairsOf({ ...crash, code, file: "shop/app.py", more });

describe.skipIf(!hasGrammar)("Python: what is done first", () => {
  it.each([
    [
      "None in a condition",
      none("city"),
      "def f(user):\n    if user.address¦.city == 'Bern':\n        return 1\n    return 0\n",
      "if user.address is not None and user.address.city == 'Bern':",
    ],
    [
      "None before a default",
      none("city"),
      "def f(user):\n    return user.address¦.city or 'unknown'\n",
      "return (user.address.city if user.address is not None else None) or 'unknown'",
    ],
    [
      "None, and the neighbour says what then",
      none("city"),
      "def f(user):\n    return user.address¦.city\n\ndef g(user):\n    return user.address.zip if user.address else 'unknown'\n",
      "return user.address.city if user.address is not None else 'unknown'",
    ],
    [
      "None in a round of a loop",
      none("lower"),
      "def f(people):\n    out = []\n    for p in people:\n        out.append(p.name¦.lower())\n    return out\n",
      "        if p.name is None:\n            continue\n        out.append(p.name.lower())",
    ],
    [
      "None walked through",
      { type: "TypeError", message: "'NoneType' object is not iterable" },
      "def f(p):\n    for tag¦ in p.tags:\n        print(tag)\n",
      "for tag in p.tags or []:",
    ],
    [
      "a missing key, with the default of the neighbour",
      key("currency"),
      "def f(o):\n    return o¦['currency']\n\ndef g(o):\n    return o.get('currency', 'EUR').lower()\n",
      "return o.get('currency', 'EUR')",
    ],
    [
      "a missing key in a condition",
      key("vip"),
      "def f(o):\n    if o¦['vip']:\n        return 1\n    return 0\n",
      "if o.get('vip'):",
    ],
    [
      "a count that begins",
      key("a"),
      "def f(words):\n    n = {}\n    for w in words:\n        n¦[w] += 1\n    return n\n",
      "n[w] = n.get(w, 0) + 1",
    ],
    [
      "a group that begins",
      key("a"),
      "def f(words):\n    n = {}\n    for w in words:\n        n¦[w[0]].append(w)\n    return n\n",
      "n.setdefault(w[0], []).append(w)",
    ],
    [
      "an empty list, and the function's own way out",
      index,
      "def f(rows, n):\n    if n < 1:\n        return None\n    return rows¦[0]['name']\n",
      "    if not rows:\n        return None\n    return rows[0]['name']",
    ],
    [
      "a division by nothing, and the neighbour's answer",
      zero,
      "def f(xs):\n    return sum(xs) ¦/ len(xs)\n\ndef g(xs):\n    if not xs:\n        return 0\n    return max(xs)\n",
      "    if not xs:\n        return 0\n    return sum(xs) / len(xs)",
    ],
  ])("%s", async (_, crash, code, expected) => {
    const [first] = await repairs(crash, code);
    expect(first?.after).toContain(expected);
  });
});

describe.skipIf(!hasGrammar)("Python: what a neighbour gives for nothing", () => {
  it.each([
    ["a word of its own", "return user.address.zip if user.address else '0000'"],
    ["a truth value", "if not user.address:\n        return False\n    return True"],
  ])("is not taken where it is %s", async (_, body) => {
    const code = `def f(user):\n    return user.address¦.city\n\ndef g(user):\n    ${body}\n`;
    const all = await repairs(none("city"), code);
    expect(Math.max(...all.map((c) => c.score))).toBeLessThan(76);
  });

  it("is taken where both answer yes or no", async () => {
    const code =
      "def is_near(user):\n    return user.address¦.near\n\ndef has_zip(user):\n    if not user.address:\n        return False\n    return True\n";
    const [first] = await repairs(none("near"), code);
    expect(first?.after).toContain("if user.address is None:\n        return False\n    return user.address.near");
  });
});

describe.skipIf(!hasGrammar)("Python: what is left alone", () => {
  it.each([
    ["a message of another kind", { type: "ValueError", message: "no" }, "def f(a):\n    return int(¦a)\n"],
    ["a key that is not on the line", key("b"), "def f(o):\n    return o¦['a']\n"],
    ["a key whose value is read further", key("a"), "o = {}\nx = o¦['a']['b']['c'].d\n"],
  ])("%s", async (_, crash, code) => {
    const sure = (await repairs(crash, code)).filter((c) => c.score >= 76);
    expect(sure).toEqual([]);
  });

  it("nothing decides between None and leaving: no candidate is sure", async () => {
    const all = await repairs(none("id"), "def f(a):\n    x = a.b¦.id\n    return g(x)\n");
    expect(Math.max(...all.map((c) => c.score))).toBeLessThan(76);
  });
});
