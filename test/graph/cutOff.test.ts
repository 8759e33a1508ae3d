import { expect, it } from "vitest";
import { createDirectRunner } from "../../src/graph/directRunner.ts";
import { testSystem, tinyCrash } from "../helpers/system.ts";

it.each([3, 6, 9])("goes on where a node's result was written and checkpoint %i was not", async (at) => {
  const { system, crash, ticket } = await testSystem();
  const { saver } = system;
  const put = saver.put.bind(saver);
  let count = 0;
  saver.put = async (...args) => {
    count += 1;
    if (count === at) throw new Error("cut off");
    return put(...args);
  };
  const id = await crash(tinyCrash());
  expect((await ticket(id)).state).not.toBe("soaking");
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const next = createDirectRunner({ graph: () => system.graph, log });
  await next.continueRun(id);
  await next.idle();
  expect((await ticket(id)).state).toBe("soaking");
});
