import { expect, it } from "vitest";
import { codeContextOf } from "../../../src/agents/tester/codeContext.ts";
import type { Workspace } from "../../../src/domain/ports/workspace.ts";
import { BUILT_DIFF, buildPatch, buildPlan } from "../../helpers/ticketBuilder.ts";

const FILES: Record<string, string> = {
  "src/cart.js": `${"\n".repeat(9)}export function city(user) {\n  // Guests have no address.\n  return user.address.city;\n}\n`,
  "src/label.js": `import { city } from "./cart.js";\nexport const label = (user) => city(user);\nconst velocity = simcity(1);\n`,
  "src/class.js": "class X {\n  city(user) {\n    return this.city(user);\n  }\n}\n",
  "README.md": "call city(user)",
};
const tree = (files: Record<string, string>) =>
  ({
    baseCommit: "b",
    files: async () => Object.keys(files),
    read: async (path: string) => {
      const text = files[path];
      if (text === undefined) throw new Error(`no ${path}`);
      return text;
    },
  }) as Workspace;

it("cites the crashing line, and finds calls but not definitions", async () => {
  const about = { plan: buildPlan(), patch: buildPatch(), diff: BUILT_DIFF };
  expect(await codeContextOf(tree(FILES), about)).toEqual({
    baseCommit: "b",
    cited: [{ file: "src/cart.js", line: 12, text: "return user.address.city;" }],
    callers: [
      {
        name: "city",
        places: [
          { file: "src/label.js", line: 2, text: "export const label = (user) => city(user);" },
          { file: "src/class.js", line: 3, text: "return this.city(user);" },
        ],
        more: 0,
      },
      { name: "total", places: [], more: 0 },
    ],
  });
});

it("cites no line of a file that may hold secrets, wherever a frame points", async () => {
  const places = [".env", "config/credentials.json", "deploy.pem"].map((file) => ({ file, line: 1 }));
  const files = Object.fromEntries(places.map(({ file }) => [file, "PASSWORD=city(1)"]));
  const about = { plan: buildPlan({ places }), patch: buildPatch(), diff: BUILT_DIFF };
  const { cited, callers } = await codeContextOf(tree({ ...files, ...FILES }), about);
  expect(cited).toEqual([]);
  expect(JSON.stringify(callers)).not.toContain("PASSWORD");
});

it("is bounded, and says nothing of what is not there", async () => {
  const many = { "src/many.js": "city(1);\n".repeat(30) };
  const { cited, callers } = await codeContextOf(tree(many), {
    plan: buildPlan(),
    patch: buildPatch(),
    diff: BUILT_DIFF,
  });
  expect(cited).toEqual([]);
  expect([callers[0]?.places.length, callers[0]?.more]).toEqual([8, 22]);
});
