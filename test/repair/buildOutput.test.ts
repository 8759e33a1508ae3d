import { expect, it } from "vitest";
import { sourceOf, sourcePlaces } from "../../src/repair/buildOutput.ts";
import { treeOf } from "../helpers/repairs.ts";

it("finds what a build output was made from", () => {
  expect(sourceOf("dist/cjs/cart.js", ["dist/cjs/cart.js", "src/cart.ts"])).toBe("src/cart.ts");
  expect(sourceOf("dist/cart.js", ["dist/cart.js"])).toBeNull();
  expect(sourceOf("app/cart.js", ["app/cart.js", "src/cart.js"])).toBeNull();
});

it("moves a place to the only line with the same text, and leaves it where there is none", async () => {
  const tree = treeOf({
    "dist/a.js": '"use strict";\nexport function city(user) {\n  return user.address.city;\n}\n',
    "src/a.ts": "export function city(user: User): string {\n  return user.address.city;\n}\n",
  });
  const places = [
    { file: "dist/a.js", line: 3, column: 23 },
    { file: "dist/a.js", line: 2, column: 1 },
  ];
  expect(await sourcePlaces(places, tree)).toEqual([
    { file: "src/a.ts", line: 2, column: undefined },
    { file: "dist/a.js", line: 2, column: 1 },
  ]);
});
