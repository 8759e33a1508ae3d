import { describe, expect, it } from "vitest";
import { handedOver, placesOf, repairTarget, repositoryFile, thrownElsewhere } from "../../src/repair/frames.ts";
import { buildEvent } from "../helpers/eventBuilder.ts";

const TRACKED = [
  "src/cart.js",
  "lib/rules/no-namespace.js",
  "lib/util/ast.js",
  "packages/a/src/index.ts",
  "packages/b/src/index.ts",
  "index.js",
];

const handed = (value: string, ...files: string[]) =>
  handedOver({ value, frames: files.map((file) => ({ file, line: 1, inApp: true })) }, ["src/a.js"]);
const MISSING = "Cannot read properties of undefined (reading 'length')";

describe("a package that falls over what it was given", () => {
  it.each([
    ["one frame of a package", true, MISSING, ["/app/node_modules/p/i.js", "/app/src/a.js"]],
    ["two frames", true, MISSING, ["/app/node_modules/p/b.js", "/app/node_modules/p/i.js", "/app/src/a.js"]],
    ["with a stylesheet's frame on top", true, MISSING, ["<input css 1>", "/app/node_modules/p/i.js", "/app/src/a.js"]],
    ["deep inside of it", false, MISSING, [1, 2, 3].map((n) => `/app/node_modules/p/${n}.js`).concat("/app/src/a.js")],
    ["the package's own words", false, "options.name is required", ["/app/node_modules/p/i.js", "/app/src/a.js"]],
    ["our own code", false, MISSING, ["/app/src/a.js"]],
    ["never ours", false, MISSING, ["/app/node_modules/p/i.js"]],
  ])("%s: %s", (_what, expected, value, files) => {
    expect(handed(value, ...files)).toBe(expected);
  });
});

describe("repositoryFile", () => {
  it.each([
    ["/srv/shop/src/cart.js", "src/cart.js"],
    ["file:///srv/shop/src/cart.js", "src/cart.js"],
    ["webpack:///./src/cart.js?a1b2", "src/cart.js"],
    ["C:\\work\\shop\\src\\cart.js", "src/cart.js"],
    ["https://cdn.example.com/assets/src/cart.js?v=1", "src/cart.js"],
    ["/repo/packages/b/src/index.ts", "packages/b/src/index.ts"],
    // Two packages have it, and the path says nothing of which.
    ["src/index.ts", null],
    ["/srv/shop/node_modules/left-pad/index.js", null],
    // Many packages have a lib/util/ast.js of their own.
    ["/app/node_modules/eslint-plugin-x/lib/util/ast.js", null],
    ["node:internal/process/task_queues", null],
    ["<anonymous>", null],
    ["/srv/shop/src/other.js", null],
  ])("%s → %s", (file, expected) => {
    expect(repositoryFile(file, TRACKED)).toBe(expected);
  });
});

describe("places", () => {
  it("are the in-repository frames, newest first, each once", () => {
    const frame = (file: string, line: number) => ({ file, line, column: 1, inApp: true });
    const places = placesOf(
      [frame("/x/src/cart.js", 2), frame("/x/src/cart.js", 2), frame("node:fs", 1), frame("/x/index.js", 9)],
      TRACKED,
    );
    expect(places.map((p) => `${p.file}:${p.line}`)).toEqual(["src/cart.js:2", "index.js:9"]);
  });

  it("are those of the installed package when the repository is that package", () => {
    const frames = [
      { file: "/app/node_modules/eslint-plugin-x/lib/rules/no-namespace.js", line: 43, inApp: false },
      { file: "/app/node_modules/eslint/lib/linter.js", line: 1, inApp: false },
    ];
    expect(placesOf(frames, TRACKED).map((p) => p.file)).toEqual(["lib/rules/no-namespace.js"]);
    expect(thrownElsewhere(frames, TRACKED)).toBe(false);
  });

  it("come from the innermost cause that has any", () => {
    const event = buildEvent({
      causes: [
        { type: "TypeError", value: "inner", frames: [{ file: "/x/lib/util/ast.js", line: 3, inApp: true }] },
        { type: "Error", value: "innermost", frames: [{ file: "node:net", line: 3, inApp: false }] },
      ],
    });
    const { exception, places } = repairTarget(event, TRACKED);
    expect(exception.value).toBe("inner");
    expect(places[0]?.file).toBe("lib/util/ast.js");
  });

  it("tell a package's throw from our own", () => {
    const own = { file: "/x/src/cart.js", line: 1, inApp: true };
    expect(thrownElsewhere([{ file: "node:url", inApp: false }, own], TRACKED)).toBe(false);
    expect(thrownElsewhere([{ file: "/x/node_modules/pg/lib/client.js", inApp: false }, own], TRACKED)).toBe(true);
    const elixir = (name: string) => ({ file: "lib/enum.ex", line: 1, function: name, inApp: false });
    expect(thrownElsewhere([elixir("Enum.max/3"), own], TRACKED)).toBe(false);
    expect(thrownElsewhere([elixir("Ecto.Repo.one!/2"), own], TRACKED)).toBe(true);
  });
});
