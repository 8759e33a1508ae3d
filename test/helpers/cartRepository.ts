import { execFile } from "node:child_process";
import type { QuickCheck } from "../../src/agents/coder/contract.ts";
import type { CapturedEvent } from "../../src/domain/event.ts";
import type { Plan } from "../../src/domain/plan.ts";
import type { Workspace } from "../../src/domain/ports/workspace.ts";
import { createWorkspaces } from "../../src/tools/git/workspaces.ts";
import { buildEvent } from "./eventBuilder.ts";
import { gitRepository, temporaryFolder } from "./gitRepository.ts";
import { service } from "./service.ts";

export const BROKEN_LINE = "  return cart.items.length;";
export const FIXED_LINE = "  return cart.items?.length ?? 0;";

const FILES = {
  "src/cart.js": `// How many things are in a cart.\nexport function count(cart) {\n${BROKEN_LINE}\n}\n`,
  "src/checkout.js": 'import { count } from "./cart.js";\nexport const pay = (cart) => count(cart) * 10;\n',
  "src/session.js": "export const user = (s) => s.user.name;\n",
  "src/refunds.js": "export const refund = (order) => order.total;\n",
  "test/cart.test.js":
    'import { count } from "../src/cart.js";\nif (count({ items: [1] }) !== 1) throw new Error("suite: one thing is one thing");\n',
  "reproduce.js": 'import { pay } from "./src/checkout.js";\npay({});\n',
  "package.json": '{"type":"module","scripts":{"test":"node test/cart.test.js"}}\n',
  ".github/workflows/ci.yml": "on: push\n",
  ".env": "DATABASE_PASSWORD=correct-horse-battery\n",
};

export interface Cart {
  workspace: Workspace;
  event: CapturedEvent;
  plan: Plan;
  /** Really runs the reproduction, and the suite when asked, on the tree. */
  check(options: { suite: boolean }): Promise<QuickCheck>;
}

/** A repository whose `count` crashes on a cart without items, a workspace on it, and the Event of that crash. */
export async function openCart(): Promise<Cart> {
  const repo = gitRepository(FILES);
  const workspaces = createWorkspaces({ dataDir: temporaryFolder("data"), clock: { now: () => 1_700_000_000_000 } });
  const shop = service(repo.dir);
  const workspace = await workspaces.open(shop, "ticket-1", await workspaces.head(shop));
  const place = { file: "src/cart.js", line: 3, column: 21, function: "count" };
  return {
    workspace,
    event: buildEvent({
      exception: {
        type: "TypeError",
        value: "Cannot read properties of undefined (reading 'length')",
        frames: [
          { file: "/srv/app-7/src/cart.js", function: "count", line: 3, column: 21, inApp: true },
          { file: "/srv/app-7/src/checkout.js", function: "pay", line: 2, column: 30, inApp: true },
        ],
      },
    }),
    plan: {
      action: "fix",
      rootCause: "a cart without items",
      files: ["src/cart.js"],
      places: [place],
      culprits: [],
      by: "test",
      reason: "it throws there",
    },
    check: async ({ suite }) => {
      const reproduction = await node(workspace.dir, "reproduce.js");
      const tests = suite ? await node(workspace.dir, "test/cart.test.js") : null;
      const summary = [reproduction, tests?.passed === false ? tests : null].map((r) => r?.said ?? "").join("\n");
      return { reproductionPassed: reproduction.passed, suitePassed: tests?.passed ?? null, summary };
    },
  };
}

function node(cwd: string, file: string): Promise<{ passed: boolean; said: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file], { cwd }, (error, _stdout, stderr) =>
      resolve({ passed: error === null, said: /^\w*Error: .*$/m.exec(stderr)?.[0] ?? "" }),
    );
  });
}
