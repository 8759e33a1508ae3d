import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createCallTestSource } from "../../../../src/agents/coder/reproducing/callTestSource.ts";
import { createReproducer } from "../../../../src/agents/coder/reproducing/reproducer.ts";
import type { CapturedEvent, StackFrame } from "../../../../src/domain/event.ts";
import { createProcessRunner } from "../../../../src/tools/sandbox/processRunner.ts";
import { createSandbox, type LocalSandbox } from "../../../../src/tools/sandbox/sandbox.ts";
import { createTestRunner } from "../../../../src/tools/tests/testRunner.ts";
import { buildEvent } from "../../../helpers/eventBuilder.ts";
import { gitRepository } from "../../../helpers/gitRepository.ts";
import { memoryBlobs } from "../../../helpers/memoryBlobs.ts";
import { openWorkspace } from "../../../helpers/openWorkspace.ts";

let sandbox: LocalSandbox;
beforeAll(async () => {
  sandbox = await createSandbox({ processes: createProcessRunner() });
});

interface Setup {
  files: Record<string, string>;
  type?: string;
  message: string;
  frames: Partial<StackFrame>[];
  /** Packages of this repository that the small one has too. */
  linked?: boolean;
}

/** Finds a reproduction, repairs the file by a replacement, and pins what comes out. */
async function reproduce(
  { files, message, frames, type = "TypeError", linked = false }: Setup,
  fix?: [string, string],
) {
  const repository = gitRepository(files);
  if (linked) symlinkSync(join(process.cwd(), "node_modules"), join(repository.dir, "node_modules"));
  const workspace = await openWorkspace(repository);
  const event: CapturedEvent = buildEvent({
    exception: { type, value: message, frames: frames.map((f) => ({ file: "", inApp: true, ...f })) },
  });
  const runs = createTestRunner({ sandbox, blobs: memoryBlobs() });
  const reproducer = createReproducer({ runs, clock: { now: Date.now }, sources: [createCallTestSource({ sandbox })] });
  const input = { workspace, event, signal: new AbortController().signal };
  const found = await reproducer.find(input);
  if (found.kind === "none" || fix === undefined) return { found, pinned: null, diff: await workspace.diff() };
  const file = (frames[0]?.file ?? "").replace("/srv/app/", "");
  await workspace.write(file, (await workspace.read(file)).replace(...fix));
  return { found, pinned: await reproducer.pin({ ...input, test: found.test }), diff: await workspace.diff() };
}

const CART = "exports.total = function total(cart) {\n  return cart.items.length;\n};\n";
const crash = (file: string, line: number, column: number, name: string) => ({
  file: `/srv/app/${file}`,
  line,
  column,
  function: name,
});
const LENGTH = "Cannot read properties of undefined (reading 'length')";

describe("a reproduction by a call", () => {
  it("is found without captured variables, and pinned once the code is repaired", async () => {
    const { found, pinned, diff } = await reproduce(
      {
        files: { "package.json": "{}", "src/cart.js": CART },
        message: LENGTH,
        frames: [crash("src/cart.js", 2, 21, "total")],
      },
      ["cart.items.length", "cart.items?.length ?? 0"],
    );
    expect(found).toMatchObject({ kind: "found", test: { kind: "call", origin: "constructed" } });
    expect(pinned?.content).toContain("assert.equal(total({}), 0)");
    expect(diff).not.toContain("selfheal");
  });

  it("takes the captured variables where there are any, and says that they were captured", async () => {
    const source = "export const label = (user, { shout }) =>\n  (shout ? '!' : '') + user.address.city;\n";
    const vars = { user: '{"id":7,"name":"Ada"}', shout: "true" };
    const { found } = await reproduce({
      files: { "package.json": '{"type":"module"}', "lib/label.js": source },
      message: "Cannot read properties of undefined (reading 'city')",
      frames: [{ ...crash("lib/label.js", 2, 37, "label"), vars }],
    });
    expect(found).toMatchObject({ kind: "found", test: { origin: "captured" } });
  });

  it("does not pass a scrubbed value off as captured", async () => {
    const source =
      "exports.mask = (user) => user.token.trim.call(1).x.y;\nexports.city = (user) => user.address.city;\n";
    const { found } = await reproduce({
      files: { "package.json": "{}", "src/user.js": source },
      message: "Cannot read properties of undefined (reading 'city')",
      frames: [{ ...crash("src/user.js", 2, 39, "exports.city"), vars: { user: '{"token":"[scrubbed:secret]"}' } }],
    });
    expect(found).toMatchObject({ kind: "found", test: { origin: "constructed" } });
  });

  it("goes through a caller, and through the function that makes the one that crashed", async () => {
    const rule = `module.exports = {
  create(context) {
    function nameOf(node) {
      return node.name.toLowerCase();
    }
    return {
      Element(node) {
        if (node.type === "JSXElement") context.report(nameOf(node));
      },
    };
  },
};
`;
    const { found } = await reproduce({
      files: { "package.json": "{}", "lib/rule.js": rule },
      message: "Cannot read properties of undefined (reading 'toLowerCase')",
      frames: [crash("lib/rule.js", 4, 24, "nameOf"), crash("lib/rule.js", 8, 56, "Element")],
    });
    expect(found.kind === "found" && found.test.content).toContain(
      'create({ report() {} }).Element({ type: "JSXElement" });',
    );
  });

  it("waits for what is promised", async () => {
    const source = "export async function total(cart) {\n  return cart.items.length;\n}\n";
    const { found, pinned } = await reproduce(
      {
        files: { "package.json": '{"type":"module"}', "src/cart.js": source },
        message: LENGTH,
        frames: [crash("src/cart.js", 2, 21, "total")],
      },
      ["cart.items.length", "(cart.items ?? []).length"],
    );
    expect(found.kind === "found" && found.test.content).toContain("await total({})");
    expect(pinned?.content).toContain("assert.equal(await total({}), 0)");
  });

  it("runs in vitest where the project does", async () => {
    const { found } = await reproduce({
      files: {
        "package.json": '{"type":"module","scripts":{"test":"vitest run"}}',
        "src/cart.js": "export function total(cart) {\n  return cart.items.length;\n}\n",
        "src/other.test.js": 'import { expect, it } from "vitest";\n\nit("is", () => {\n  expect(1).toBe(1);\n});\n',
      },
      message: LENGTH,
      frames: [crash("src/cart.js", 2, 21, "total")],
      linked: true,
    });
    expect(found).toMatchObject({
      kind: "found",
      test: { command: expect.stringContaining("vitest run src/cart.cart-items-undefined.test.js") },
    });
  });

  it("loads no file that only runs, and says why there is nothing", async () => {
    const { found } = await reproduce({
      files: { "package.json": "{}", "run.js": "function go(cart) {\n  return cart.items.length;\n}\ngo({});\n" },
      message: LENGTH,
      frames: [crash("run.js", 2, 21, "go")],
    });
    expect(found).toMatchObject({ kind: "none", notes: [expect.stringContaining("no function on the stack")] });
  });

  it("does not take another exception for this one", async () => {
    const { found } = await reproduce({
      files: { "package.json": "{}", "src/cart.js": CART },
      message: "cart is broken",
      type: "RangeError",
      frames: [crash("src/cart.js", 2, 21, "total")],
    });
    expect(found).toMatchObject({ kind: "none" });
  });
});
