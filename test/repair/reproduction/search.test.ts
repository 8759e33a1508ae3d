import { describe, expect, it } from "vitest";
import { type Outcome, search } from "../../../src/repair/reproduction/probe/search.ts";
import {
  type Look,
  plainValue,
  type Shape,
  UNDEFINED,
  watchedValue,
} from "../../../src/repair/reproduction/probe/shape.ts";

type Fn = (...args: never[]) => unknown;

/** Searches for arguments that make a function throw this message; `known` are the ones that are given. */
async function find(fn: Fn, message: RegExp, more: { known?: Shape[]; typical?: Shape[]; literals?: object } = {}) {
  const roots = more.known ?? Array.from({ length: fn.length }, () => UNDEFINED);
  const run = async (shapes: readonly Shape[]): Promise<Outcome> => {
    const looks: Look[] = [];
    try {
      Reflect.apply(
        fn,
        undefined,
        shapes.map((shape, i) => watchedValue(shape, [String(i)], looks)),
      );
      return { kind: "returned", message: "", looks };
    } catch (thrown) {
      const text = (thrown as Error).message;
      return { kind: message.test(text) ? "exact" : "other", message: text, looks };
    }
  };
  const literals = { "": [], ...more.literals };
  const found = await search({ roots, typical: more.typical ?? [], run, literals, isOver: () => false });
  return found === null ? null : { args: found.roots.map(plainValue), runs: found.runs };
}

interface Node {
  type: string;
  attributes: { name: { name: string }; value: { kind: string } | null }[];
}

describe("the search for an input", () => {
  it.each<[string, Fn, RegExp, unknown[]]>([
    ["nothing is needed", (a: { b: number }) => a.b, /reading 'b'/, [undefined]],
    ["a member is missing", (user: { address: { city: string } }) => user.address.city, /reading 'city'/, [{}]],
    ["null is another thing than nothing", (a: { b: { c: 1 } }) => a.b.c, /of null \(reading 'c'/, [{ b: null }]],
    ["an empty list", (list: number[]) => list.map((n) => n).reduce((a, b) => a + b), /empty array/, [[]]],
    ["an item of a list", (list: { id: { n: 1 } }[]) => list.map((one) => one.id.n), /reading 'n'/, [[{}]]],
    ["a value of another kind", (name: string) => name.indexOf("a"), /indexOf is not a function/, [{}]],
    ["what a function returns", (get: () => { x: 1 }) => get().x, /reading 'x'/, [() => undefined]],
    [
      "the second argument",
      (a: { x: () => 1 }, b: { y: 1 }) => [a.x(), b.y],
      /reading 'y'/,
      [{ x: () => undefined }, undefined],
    ],
  ])("%s", async (_name, fn, message, args) => {
    const found = await find(fn, message);
    expect(JSON.stringify(found?.args)).toBe(JSON.stringify(args));
    expect(() => Reflect.apply(fn, undefined, found?.args as never[])).toThrow(message);
  });

  it("gets past conditions with the words that the code compares with", async () => {
    const fn = (node: Node) => {
      if (node.type !== "JSXElement") return null;
      const href = node.attributes.find((a) => a.name.name === "href");
      return href === undefined ? null : (href.value as { kind: string }).kind;
    };
    const literals = { type: ["JSXElement", "Literal"], name: ["href"] };
    const found = await find(fn as Fn, /of null \(reading 'kind'/, { literals });
    expect(found?.args).toEqual([{ type: "JSXElement", attributes: [{ name: { name: "href" }, value: null }] }]);
  });

  it("takes what was captured as it is, and leaves away what the exception does not need", async () => {
    const fn = (user: { name: string; address: { city: string } }) => `${user.name} ${user.address.city}`;
    const known: Shape[] = [{ k: "obj", props: { name: { k: "lit", v: "Ada" }, age: { k: "lit", v: 7 } } }];
    expect(await find(fn as Fn, /reading 'city'/, { known })).toEqual({ args: [{}], runs: 1 });
  });

  it("keeps what the code behind the crash needs once it is repaired", async () => {
    const fn = (zones: Record<string, string>, user: { address: { country: string } }) => zones[user.address.country];
    const typical: Shape[] = [
      { k: "obj", props: {} },
      { k: "obj", props: { address: { k: "obj", props: {} } } },
    ];
    expect((await find(fn as Fn, /reading 'country'/, { typical }))?.args).toEqual([{}, {}]);
  });

  it("gives up where no input leads there", async () => {
    expect(await find(((a: number) => a) as Fn, /never/)).toBeNull();
  });
});
