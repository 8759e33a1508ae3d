import type { CaseLanguage } from "./diffCase.ts";

/** A definition stands only where a module or a class declares. */
export type Form = "expression" | "statement" | "definition";

/** A crash, the edit that mends it, and a slot `SNIPPET` in that edit. The markup is that of `markup.ts`. */
export interface Place {
  name: string;
  takes: readonly Form[];
  text: string;
}

const MEND = "u.profile{+?+}.<!>name";

const SCRIPT: readonly Place[] = [
  {
    name: "statement before",
    takes: ["expression", "statement"],
    text: `export function label(u) {\n{+  SNIPPET;\n+}  return ${MEND};\n}\n`,
  },
  {
    name: "early return",
    takes: ["expression"],
    text: "export function label(u) {\n{+  if (u.profile == null) return SNIPPET;\n+}  return u.profile.<!>name;\n}\n",
  },
  {
    name: "body of the guard",
    takes: ["expression", "statement"],
    text: 'export const label = (u) => {\n{+  if (!u.profile) {\n    SNIPPET;\n    return "";\n  }\n+}  return u.profile.<!>name;\n};\n',
  },
  {
    name: "default value",
    takes: ["expression"],
    text: `export const label = (u) => {\n  return ${MEND}{+ ?? (SNIPPET)+};\n};\n`,
  },
  {
    name: "default parameter",
    takes: ["expression"],
    text: `export function label(u{+, rest = SNIPPET+}) {\n  return ${MEND};\n}\n`,
  },
  {
    name: "static block",
    takes: ["expression", "statement"],
    text: `export class Labels {\n{+  static {\n    SNIPPET;\n  }\n\n+}  label(u) {\n    return ${MEND};\n  }\n}\n`,
  },
  {
    name: "field of the class",
    takes: ["expression"],
    text: `export class Labels {\n{+  empty = SNIPPET;\n\n+}  label(u) {\n    return ${MEND};\n  }\n}\n`,
  },
  {
    name: "comma operator",
    takes: ["expression"],
    text: "export const label = (u) => {-u.profile.<!>name-}{+(SNIPPET, u.profile?.name)+};\n",
  },
  {
    name: "other branch",
    takes: ["expression"],
    text: "export const label = (u) => {\n  return {-u.profile.<!>name-}{+u.profile ? u.profile.name : SNIPPET+};\n};\n",
  },
  {
    name: "catch",
    takes: ["expression", "statement"],
    text: 'export function label(u) {\n{+  try {\n  +}  return u.profile.<!>name;\n{+  } catch {\n    SNIPPET;\n    return "";\n  }\n+}}\n',
  },
  {
    name: "top of the module",
    takes: ["expression", "statement", "definition"],
    text: `{+SNIPPET;\n+}export function label(u) {\n  return ${MEND};\n}\n`,
  },
  {
    name: "template piece",
    takes: ["expression"],
    text: "export function label(u) {\n  const name = u.profile{+?+}.<!>name;\n  return {-name-}{+`${name ?? (SNIPPET)}`+};\n}\n",
  },
  {
    name: "getter of a new object",
    takes: ["expression"],
    text: "export function label(u) {\n  {-return u.profile.<!>name;-}{+const empty = { get name() { return SNIPPET; } };\n  return (u.profile ?? empty).name;+}\n}\n",
  },
  {
    name: "callback",
    takes: ["expression"],
    text: `export function label(u) {\n{+  [u].forEach(() => SNIPPET);\n+}  return ${MEND};\n}\n`,
  },
];

const TYPED: readonly Place[] = SCRIPT.map((place) => ({
  ...place,
  text: place.text
    .replace("function label(u", "function label(u: User")
    .replace("(u) =>", "(u: User): string =>")
    .replace("  label(u)", "  public label(u: User): string"),
}));

const PYTHON: readonly Place[] = [
  {
    name: "statement before",
    takes: ["expression", "statement"],
    text: "def label(user):\n{+    SNIPPET\n+}    return user.profile.<!>name{+ if user.profile else None+}\n",
  },
  {
    name: "body of the guard",
    takes: ["expression", "statement"],
    text: 'def label(user):\n{+    if user.profile is None:\n        SNIPPET\n        return ""\n+}    return user.profile.<!>name\n',
  },
  {
    name: "early return",
    takes: ["expression"],
    text: "def label(user):\n{+    if user.profile is None:\n        return SNIPPET\n+}    return user.profile.<!>name\n",
  },
  {
    name: "other branch",
    takes: ["expression"],
    text: "def label(user):\n    return user.profile.<!>name{+ if user.profile else SNIPPET+}\n",
  },
  {
    name: "default value",
    takes: ["expression"],
    text: 'def label(user):\n    name = {-user.profile.<!>name-}{+getattr(user.profile, "name", None) or SNIPPET+}\n    return name.strip()\n',
  },
  {
    name: "default parameter",
    takes: ["expression"],
    text: "def label(user{+, empty=SNIPPET+}):\n    return user.profile.<!>name{+ if user.profile else None+}\n",
  },
  {
    name: "except",
    takes: ["expression", "statement"],
    text: 'def label(user):\n{-    return user.profile.<!>name\n-}{+    try:\n        return user.profile.name\n    except AttributeError:\n        SNIPPET\n        return ""\n+}',
  },
  {
    name: "class body",
    takes: ["expression", "statement"],
    text: "class Labels:\n{+    SNIPPET\n\n+}    def label(self, user):\n        return user.profile.<!>name{+ if user.profile else None+}\n",
  },
  {
    name: "top of the module",
    takes: ["expression", "statement", "definition"],
    text: "{+SNIPPET\n\n\n+}def label(user):\n    return user.profile.<!>name{+ if user.profile else None+}\n",
  },
  {
    name: "decorator",
    takes: ["expression"],
    text: "{+@(lambda f, _=(SNIPPET): f)\n+}def label(user):\n    return user.profile.<!>name{+ if user.profile else None+}\n",
  },
  {
    name: "walrus in the guard",
    takes: ["expression"],
    text: "def label(user):\n{+    if user.profile is None and (left := SNIPPET):\n        return left\n+}    return user.profile.<!>name\n",
  },
  {
    name: "format string",
    takes: ["expression"],
    text: 'def label(user):\n    return {-user.profile.<!>name-}{+user.profile.name if user.profile else f"{(SNIPPET)!s}"+}\n',
  },
  {
    name: "comprehension",
    takes: ["expression"],
    text: 'def label(user):\n    return {-user.profile.<!>name-}{+next((p.name for p in [user.profile] if p), [SNIPPET for _ in "a"])+}\n',
  },
];

const ELIXIR: readonly Place[] = [
  {
    name: "statement before",
    takes: ["expression", "statement"],
    text: "defmodule Shop.Labels do\n  def label(user) do\n{+    SNIPPET\n+}    {-user.profile.<!>name-}{+user.profile && user.profile.name+}\n  end\nend\n",
  },
  {
    name: "default value",
    takes: ["expression"],
    text: "defmodule Shop.Labels do\n  def label(user) do\n    {-user.profile.<!>name-}{+(user.profile || %{name: SNIPPET}).name+}\n  end\nend\n",
  },
  {
    name: "nil clause",
    takes: ["expression"],
    text: "defmodule Shop.Labels do\n{+  def label(%{profile: nil}), do: SNIPPET\n+}  def label(user), do: user.profile.<!>name\nend\n",
  },
  {
    name: "branch of a case",
    takes: ["expression"],
    text: "defmodule Shop.Labels do\n  def label(user) do\n    {-user.profile.<!>name-}{+case user.profile do\n      nil -> SNIPPET\n      profile -> profile.name\n    end+}\n  end\nend\n",
  },
  {
    name: "default parameter",
    takes: ["expression"],
    text: "defmodule Shop.Labels do\n  def label(user{+, _empty \\\\ SNIPPET+}) do\n    {-user.profile.<!>name-}{+user.profile && user.profile.name+}\n  end\nend\n",
  },
  {
    name: "module attribute",
    takes: ["expression"],
    text: "defmodule Shop.Labels do\n{+  @empty SNIPPET\n\n+}  def label(user) do\n    {-user.profile.<!>name-}{+(user.profile || %{name: @empty}).name+}\n  end\nend\n",
  },
  {
    name: "rescue",
    takes: ["expression", "statement"],
    text: "defmodule Shop.Labels do\n  def label(user) do\n    user.profile.<!>name\n{+  rescue\n    KeyError ->\n      SNIPPET\n      nil\n+}  end\nend\n",
  },
  {
    name: "module body",
    takes: ["expression", "statement", "definition"],
    text: "defmodule Shop.Labels do\n{+  SNIPPET\n\n+}  def label(user) do\n    {-user.profile.<!>name-}{+user.profile && user.profile.name+}\n  end\nend\n",
  },
  {
    name: "else of a with",
    takes: ["expression"],
    text: "defmodule Shop.Labels do\n  def label(user) do\n    {-user.profile.<!>name-}{+with %{name: name} <- user.profile do\n      name\n    else\n      _ -> SNIPPET\n    end+}\n  end\nend\n",
  },
  {
    name: "Map.get default",
    takes: ["expression"],
    text: "defmodule Shop.Labels do\n  def label(user) do\n    {-user.profile.<!>name-}{+Map.get(user.profile || %{}, :name, SNIPPET)+}\n  end\nend\n",
  },
];

/** The places of a language. */
export const PLACES: Readonly<Record<CaseLanguage, readonly Place[]>> = {
  javascript: SCRIPT,
  typescript: TYPED,
  python: PYTHON,
  elixir: ELIXIR,
};
