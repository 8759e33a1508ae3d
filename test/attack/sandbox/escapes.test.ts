import { expect, it } from "vitest";
import { createProcessRunner } from "../../../src/tools/sandbox/processRunner.ts";
import { createSandbox } from "../../../src/tools/sandbox/sandbox.ts";
import { tryEscapes } from "./escapes.ts";

for (const maximum of ["bubblewrap", "namespaces"] as const) {
  const sandbox = await createSandbox({ processes: createProcessRunner(), maximum });
  const test = sandbox.grade === maximum ? it : it.skip;
  test(`nothing leaves the sandbox of grade ${maximum}, whoever runs selfheal`, async () => {
    const { escaped, held } = await tryEscapes(sandbox);
    expect(escaped).toEqual([]);
    expect(held).toBeGreaterThan(80);
  });
}
