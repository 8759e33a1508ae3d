import { execa } from "execa";
import { expect, it } from "vitest";
import { createRulesCoder } from "../../../src/agents/coder/rules.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { gitRepository } from "../../helpers/gitRepository.ts";
import { openWorkspace } from "../../helpers/openWorkspace.ts";

const hasPython = (await execa("python3", ["--version"], { reject: false })).exitCode === 0;

it.skipIf(!hasPython)(
  "a Python crash is repaired as the neighbour does it, seen to hold by Python itself (needs python3)",
  async () => {
    const workspace = await openWorkspace(
      gitRepository({
        "shop/orders.py":
          "def currency(o):\n    return o['currency']\n\n\ndef sign(o):\n    return o.get('currency', 'EUR')[0]\n",
        "trigger.py": "from shop.orders import currency\nprint(currency({}))\n",
      }),
      { reproduceCommand: "python3 trigger.py" },
    );
    const frames = [{ file: "/srv/app/shop/orders.py", line: 2, function: "currency", inApp: true }];
    const event = buildEvent({ platform: "python", exception: { type: "KeyError", value: "'currency'", frames } });
    const result = await createRulesCoder({ clock: { now: () => 0 } }).code({
      event,
      plan: { action: "fix", rootCause: "", files: [], places: [], culprits: [], by: "rules", reason: "" },
      workspace,
      attempt: 1,
      rejectedDigests: [],
      feedback: "",
      guidance: "",
      tokenBudget: 0,
      check: async () => {
        const ran = await execa("python3", ["-B", "trigger.py"], { cwd: workspace.dir, reject: false });
        return { reproductionPassed: ran.exitCode === 0, suitePassed: null, summary: ran.stderr, output: ran.stdout };
      },
      signal: new AbortController().signal,
    });
    expect(result).toMatchObject({ kind: "patch", by: "rules:keyDefault:sibling" });
    expect(await workspace.diff()).toContain("+    return o.get('currency', 'EUR')\n");
  },
);
