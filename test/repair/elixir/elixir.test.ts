import { describe, expect, it } from "vitest";
import { otherLanguageOf } from "../../../src/syntax/grammars.ts";
import { repairsOf } from "../../helpers/repairs.ts";

const hasGrammar = otherLanguageOf("a.ex") !== null;
const hint = "If you are using the dot syntax, such as map.field, make sure the left-hand side of the dot is a map";
const nilField = (key: string) => ({ type: "KeyError", message: `key :${key} not found in: nil. ${hint}` });
const missing = (key: string) => ({ type: "KeyError", message: `key :${key} not found in: %{id: 1}` });
const noClause = (name: string) => ({
  type: "FunctionClauseError",
  message: `no function clause matching in Shop.${name}/1`,
});

const repairs = (crash: { type: string; message: string }, body: string) =>
  repairsOf({ ...crash, code: `defmodule Shop do\n${body}end\n`, file: "lib/shop.ex" });

describe.skipIf(!hasGrammar)("Elixir: what is done first", () => {
  it.each([
    [
      "nil before a default",
      nilField("city"),
      '  def f(user) do\n    user.address¦.city || "unknown"\n  end\n',
      '(user.address && user.address.city) || "unknown"',
    ],
    [
      "nil in a condition",
      nilField("city"),
      '  def f(user) do\n    if user.address¦.city == "Bern", do: 1, else: 0\n  end\n',
      'if user.address && user.address.city == "Bern", do: 1',
    ],
    [
      "nil, and the neighbour says what then",
      nilField("city"),
      '  def f(user), do: user.address¦.city\n  def zip(%{address: nil}), do: "none"\n  def zip(user), do: user.address.zip\n',
      'if(user.address, do: user.address.city, else: "none")',
    ],
    [
      "a missing key, with the default of the neighbour",
      missing("qty"),
      "  def f(line), do: line¦.qty * 2\n  def g(line), do: Map.get(line, :qty, 1) + 1\n",
      "Map.get(line, :qty, 1) * 2",
    ],
    [
      "a missing key before a default",
      missing("note"),
      '  def f(line), do: line¦.note || ""\n  def g(line), do: line[:note]\n',
      'line[:note] || ""',
    ],
    [
      "no clause, where the functions beside it have one",
      noClause("label"),
      '  def name(nil), do: "nobody"\n  def name(%{name: n}), do: n\n  def ¦label(%{name: n}), do: "to " <> n\n',
      '  def label(nil), do: "nobody"\n  def label(%{name: n})',
    ],
    [
      "nothing to compare",
      { type: "Enum.EmptyError", message: "empty error" },
      "  def f(xs), do: ¦Enum.max(xs)\n  def g(xs), do: Enum.min(xs, fn -> 0 end)\n",
      "Enum.max(xs, fn -> 0 end)",
    ],
    [
      "nil walked through",
      { type: "Protocol.UndefinedError", message: "protocol Enumerable not implemented for nil of type Atom" },
      "  def f(o), do: o.tags |> ¦Enum.map(& &1.name)\n",
      "(o.tags || []) |> Enum.map",
    ],
    [
      "a division by nothing",
      { type: "ArithmeticError", message: "bad argument in arithmetic expression" },
      "  def f(xs), do: Enum.sum(xs) ¦/ length(xs)\n  def g([]), do: 0\n  def g(xs), do: hd(xs)\n",
      "if(xs == [], do: 0, else: Enum.sum(xs) / length(xs))",
    ],
  ])("%s", async (_, crash, body, expected) => {
    const [first] = await repairs(crash, body);
    expect(first?.after).toContain(expected);
  });
});

describe.skipIf(!hasGrammar)("Elixir: what is left alone", () => {
  it.each([
    ["no clause, and no neighbour that says what for", noClause("f"), "  def ¦f(%{a: a}), do: a\n"],
    [
      "no clause, and a neighbour that answers yes or no",
      noClause("f"),
      "  def ok?(nil), do: false\n  def ¦f(%{a: a}), do: a\n",
    ],
    ["an exception of its own", { type: "RuntimeError", message: "no" }, "  def f(a), do: ¦g(a)\n"],
    ["a key of another map", missing("b"), "  def f(o), do: o¦.a\n"],
  ])("%s", async (_, crash, body) => {
    expect((await repairs(crash, body)).filter((c) => c.score >= 60)).toEqual([]);
  });

  it("a value that nobody asks for is no sure nil", async () => {
    const all = await repairs(nilField("id"), "  def f(a), do: g(a.b¦.id)\n");
    expect(Math.max(...all.map((c) => c.score))).toBeLessThan(76);
  });
});
