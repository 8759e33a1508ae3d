import type { Scenario } from "../scenario.ts";

const ORDERS = `def currency_of(order):
    return order["currency"].upper()


def symbol_of(order):
    return {"EUR": "€", "USD": "$"}[order.get("currency", "EUR")]
`;

const PEOPLE = `def city_of(person):
    return person.address.city or "unknown"


class Person:
    def __init__(self, name, address=None):
        self.name = name
        self.address = address


class Address:
    def __init__(self, city):
        self.city = city
`;

const STATS = `def mean(values):
    return sum(values) / len(values)


def highest(values):
    if not values:
        return 0
    return max(values)
`;

const pythonTests = (name: string, ...lines: string[]) =>
  `import unittest\nfrom shop.${name} import *\n\n\nclass Works(unittest.TestCase):\n    def test_it(self):\n${lines.map((line) => `        ${line}\n`).join("")}`;
const pythonHidden = (name: string, ...lines: string[]) => `from shop.${name} import *\n${lines.join("\n")}\n`;

const MIX = `defmodule Shop.MixProject do
  use Mix.Project

  def project, do: [app: :shop, version: "0.1.0", elixir: "~> 1.14"]
  def application, do: [extra_applications: [:logger]]
end
`;

const CART = `defmodule Shop.Cart do
  def total(lines), do: lines |> Enum.map(fn line -> line.qty * line.cents end) |> Enum.sum()

  def count(lines), do: lines |> Enum.map(&Map.get(&1, :qty, 1)) |> Enum.sum()
end
`;

const PROFILE = `defmodule Shop.Profile do
  def city(user) do
    user.address.city || "unknown"
  end
end
`;

const LABELS = `defmodule Shop.Labels do
  def name(nil), do: "nobody"
  def name(%{name: name}), do: name

  def title(%{name: name}), do: String.upcase(name)
end
`;

const elixir = (name: string, module: string, code: string, passing: string) => ({
  "mix.exs": MIX,
  ".gitignore": "_build/\n",
  [`lib/${name}.ex`]: code,
  "test/test_helper.exs": "ExUnit.start()\n",
  [`test/${name}_test.exs`]: `defmodule ${module}Test do\n  use ExUnit.Case\n\n  test "works" do\n    assert ${passing}\n  end\nend\n`,
});
const elixirHidden = (...lines: string[]) => `${lines.map((line) => `true = ${line}`).join("\n")}\n`;

const shared = { kind: "fixable", reproduces: true } as const;

/** Crashes of Python and Elixir code with one right repair, as the code around them shows. */
export const otherLanguages: Scenario[] = [
  {
    ...shared,
    name: "python-missing-key",
    language: "python",
    about: "an order without a currency; the neighbour takes EUR",
    commits: [
      {
        "shop/__init__.py": "",
        "shop/orders.py": ORDERS,
        "tests/__init__.py": "",
        "tests/test_orders.py": pythonTests("orders", 'self.assertEqual(currency_of({"currency": "usd"}), "USD")'),
      },
    ],
    trigger: "from shop.orders import currency_of\n\ncurrency_of({})\n",
    hidden: pythonHidden(
      "orders",
      'assert currency_of({}) == "EUR"',
      'assert currency_of({"currency": "usd"}) == "USD"',
      'assert symbol_of({}) == "€"',
      'assert symbol_of({"currency": "USD"}) == "$"',
    ),
  },
  {
    ...shared,
    name: "python-none-before-default",
    language: "python",
    about: "a person without an address, where a default is given already",
    commits: [
      {
        "shop/__init__.py": "",
        "shop/people.py": PEOPLE,
        "tests/__init__.py": "",
        "tests/test_people.py": pythonTests(
          "people",
          'self.assertEqual(city_of(Person("a", Address("Bern"))), "Bern")',
        ),
      },
    ],
    trigger: 'from shop.people import Person, city_of\n\ncity_of(Person("a"))\n',
    hidden: pythonHidden(
      "people",
      'assert city_of(Person("a")) == "unknown"',
      'assert city_of(Person("a", Address(""))) == "unknown"',
      'assert city_of(Person("a", Address("Bern"))) == "Bern"',
    ),
  },
  {
    ...shared,
    name: "python-empty-mean",
    language: "python",
    about: "no values; the neighbour leaves with 0",
    commits: [
      {
        "shop/__init__.py": "",
        "shop/stats.py": STATS,
        "tests/__init__.py": "",
        "tests/test_stats.py": pythonTests("stats", "self.assertEqual(mean([1, 3]), 2)"),
      },
    ],
    trigger: "from shop.stats import mean\n\nmean([])\n",
    hidden: pythonHidden(
      "stats",
      "assert mean([]) == 0",
      "assert mean([1, 3]) == 2",
      "assert highest([]) == 0",
      "assert highest([2]) == 2",
    ),
  },
  {
    ...shared,
    name: "elixir-missing-key",
    language: "elixir",
    about: "a line without a quantity; the neighbour takes 1",
    commits: [elixir("cart", "Shop.Cart", CART, "Shop.Cart.total([%{qty: 2, cents: 5}]) == 10")],
    trigger: "Shop.Cart.total([%{cents: 5}])\n",
    hidden: elixirHidden(
      "Shop.Cart.total([%{cents: 5}]) == 5",
      "Shop.Cart.total([%{qty: 3, cents: 5}, %{cents: 1}]) == 16",
      "Shop.Cart.total([]) == 0",
      "Shop.Cart.count([%{}, %{qty: 2}]) == 3",
    ),
  },
  {
    ...shared,
    name: "elixir-nil-before-default",
    language: "elixir",
    about: "a user without an address, where a default is given already",
    commits: [elixir("profile", "Shop.Profile", PROFILE, 'Shop.Profile.city(%{address: %{city: "Bern"}}) == "Bern"')],
    trigger: "Shop.Profile.city(%{address: nil})\n",
    hidden: elixirHidden(
      'Shop.Profile.city(%{address: nil}) == "unknown"',
      'Shop.Profile.city(%{address: %{city: nil}}) == "unknown"',
      'Shop.Profile.city(%{address: %{city: "Bern"}}) == "Bern"',
    ),
  },
  {
    ...shared,
    name: "elixir-no-clause",
    language: "elixir",
    about: "a title of nobody; the function beside it has a clause for nil",
    commits: [elixir("labels", "Shop.Labels", LABELS, 'Shop.Labels.title(%{name: "ada"}) == "ADA"')],
    trigger: "Shop.Labels.title(nil)\n",
    hidden: elixirHidden(
      'Shop.Labels.title(nil) == "nobody"',
      'Shop.Labels.title(%{name: "ada"}) == "ADA"',
      'Shop.Labels.name(nil) == "nobody"',
    ),
  },
];
