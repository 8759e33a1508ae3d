import { describe, expect, it } from "vitest";
import { createRulesPlanner } from "../../../src/agents/planner/rules.ts";
import type { CapturedEvent, StackFrame } from "../../../src/domain/event.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { gitRepository } from "../../helpers/gitRepository.ts";
import { openWorkspace } from "../../helpers/openWorkspace.ts";

const CART = "export function city(user) {\n  return user.address.city;\n}\n";
const CHECKOUT = [
  'import { city } from "./cart.js";',
  "export function ship(order) {",
  "  if (!order.id) {",
  '    throw new RangeError("an order needs an id");',
  "  }",
  "  return city(order.user);",
  "}",
  "",
].join("\n");

const FILES = { "src/cart.js": CART, "src/checkout.js": CHECKOUT, "test/cart.test.js": "", "trigger.mjs": "" };

const frame = (file: string, line: number, column = 1): StackFrame => ({
  file,
  line,
  column,
  function: "f",
  inApp: true,
});

function event(frames: StackFrame[], more: { type?: string; value?: string; timestamp?: number } = {}): CapturedEvent {
  const { type = "TypeError", value = "Cannot read properties of undefined (reading 'city')", timestamp } = more;
  return buildEvent({ exception: { type, value, frames }, ...(timestamp !== undefined && { timestamp }) });
}

async function planFor(captured: CapturedEvent, options = {}) {
  const repository = gitRepository(FILES);
  const workspace = await openWorkspace(repository, options);
  const { plan } = await createRulesPlanner().plan({
    event: captured,
    workspace,
    guidance: "",
    signal: new AbortController().signal,
  });
  return { plan, repository };
}

describe("the rules planner", () => {
  it("turns frames into files and places, newest first", async () => {
    const { plan } = await planFor(
      event([
        frame("/srv/shop/src/cart.js", 2, 23),
        frame("node:events", 5),
        frame("/srv/shop/src/checkout.js", 6, 10),
      ]),
    );
    expect(plan).toMatchObject({ action: "fix", files: ["src/cart.js", "src/checkout.js"], by: "rules" });
    expect(plan.places[0]).toEqual({ file: "src/cart.js", line: 2, column: 23, function: "f" });
    expect(plan.rootCause).toContain("src/cart.js:2");
  });

  it("never plans to change tests or the reproduction", async () => {
    const frames = [
      frame("/srv/shop/src/cart.js", 2, 23),
      frame("/srv/shop/test/cart.test.js", 3),
      frame("/srv/shop/trigger.mjs", 1),
    ];
    const { plan } = await planFor(event(frames), { reproduceCommand: "node trigger.mjs" });
    expect(plan.files).toEqual(["src/cart.js"]);
  });

  it("names who touched the files in the day before the exception, the crashing line first", async () => {
    const { plan, repository } = await planFor(
      event([frame("/srv/shop/src/cart.js", 2, 23)], { timestamp: Date.now() + 1000 }),
    );
    const head = repository.git("rev-parse", "HEAD").trim();
    expect(plan.culprits).toEqual([
      {
        commit: head,
        subject: "First",
        score: 80,
        why: "wrote the crashing line, in the day before it was first seen",
      },
    ]);
  });

  it("suspects nobody for what is older than a day but the writer of the line", async () => {
    const inAYear = Date.now() + 365 * 86_400_000;
    const { plan } = await planFor(event([frame("/srv/shop/src/cart.js", 2, 23)], { timestamp: inAYear }));
    expect(plan.culprits.map((c) => c.why)).toEqual(["wrote the crashing line"]);
  });
});

describe("the rules planner abstains", () => {
  it.each([
    ["no frame is ours", event([frame("/srv/other/main.js", 2)]), "no frame of the stack"],
    [
      "the network failed",
      event([frame("/srv/shop/src/cart.js", 2)], { type: "Error", value: "connect ECONNREFUSED 127.0.0.1:5432" }),
      "ECONNREFUSED",
    ],
    [
      "the network failed under what it looks like",
      {
        ...event([frame("/srv/shop/src/cart.js", 2)], { type: "TypeError", value: "request failed" }),
        causes: [{ type: "Error", value: "connect ECONNREFUSED 127.0.0.1:9", frames: [] }],
      },
      "ECONNREFUSED",
    ],
    [
      "somebody's certificate is too old",
      event([frame("/srv/shop/src/cart.js", 2)], { type: "Error", value: "certificate has expired" }),
      "certificate has expired",
    ],
    [
      "memory ran out",
      event([frame("/srv/shop/src/cart.js", 2)], { type: "Error", value: "JavaScript heap out of memory" }),
      "out of memory",
    ],
    [
      "the code throws it on purpose",
      event([frame("/srv/shop/src/checkout.js", 4, 11)], { type: "RangeError", value: "an order needs an id" }),
      "intended",
    ],
    [
      "a check reports it",
      event([frame("/srv/shop/src/cart.js", 2)], { type: "ValidationError", value: "name is required" }),
      "intended",
    ],
    [
      "a package throws it",
      event([frame("/srv/shop/node_modules/pg/lib/client.js", 2), frame("/srv/shop/src/cart.js", 2)]),
      "inside of a package",
    ],
  ])("when %s", async (_when, captured, reason) => {
    const { plan } = await planFor(captured);
    expect(plan.action).toBe("abstain");
    expect(plan.reason).toContain(reason);
    expect(plan.wouldChangeMind).not.toBe("");
    expect(plan.files).toEqual([]);
  });
});
