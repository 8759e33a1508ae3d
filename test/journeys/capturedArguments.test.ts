import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createRulesCoder } from "../../src/agents/coder/rules.ts";
import { createRulesPlanner } from "../../src/agents/planner/rules.ts";
import type { CapturedEvent } from "../../src/domain/event.ts";
import { SERVER_KEY, startIngest } from "../helpers/ingestServer.ts";
import { testSystem } from "../helpers/system.ts";
import { TINY_FILES } from "../helpers/tinyService.ts";

const LIBRARY = pathToFileURL(join(import.meta.dirname, "../../clients/node/src/index.js")).href;
const CARD = "K7-4411-X";
const SUM = [...CARD].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 9973, 7);

/** No value that is made up passes the check of the card. */
const GREET = [
  "function isMember(card) {",
  `  return [...(card ?? "")].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 9973, 7) === ${SUM};`,
  "}",
  "",
  TINY_FILES["src/greet.js"]?.replace(
    "export function greet(user) {\n",
    'export function greet(user) {\n  if (!isMember(user.card)) return "Hello, stranger";\n',
  ),
].join("\n");

function systemWith() {
  const files = {
    "src/greet.js": GREET,
    "test/greet.test.js": TINY_FILES["test/greet.test.js"]?.replace("Hello, Ada", "Hello, stranger") ?? "",
  };
  const settings = { reproduceCommand: undefined };
  const clock = { now: () => Date.now() };
  return testSystem({ files, settings, brains: { planner: createRulesPlanner(), coder: createRulesCoder({ clock }) } });
}

/** Runs an app of the repository that crashes with our client in it; the Event as the server stored it. */
async function crashOf(repo: string, user: object): Promise<CapturedEvent> {
  const keys = [{ key: SERVER_KEY, project: "test", tier: "T1" as const }];
  const server = await startIngest({ keys, services: [{ name: "tiny", project: "test" }] });
  const options = { url: server.url, key: SERVER_KEY, service: "tiny", captureLocals: true };
  const app = join(repo, "..", "app.mjs");
  writeFileSync(
    app,
    `import * as selfheal from "${LIBRARY}";
import { greet } from "${pathToFileURL(join(repo, "src/greet.js")).href}";
const client = selfheal.init(${JSON.stringify(options)});
while (!client.stats().locals) await new Promise((resolve) => setTimeout(resolve, 5));
setTimeout(() => greet(${JSON.stringify(user)}));
`,
  );
  await promisify(execFile)(process.execPath, [app]).catch(() => undefined);
  const [event] = await server.stored();
  if (event === undefined) throw new Error("nothing was stored");
  return event;
}

it("a fix is proven by a call with the arguments that the app crashed with", async () => {
  const system = await systemWith();
  const event = await crashOf(system.tiny.repo, { id: 7, card: CARD, roles: ["guest"] });
  expect(event.exception.frames[0]?.vars).toMatchObject({
    user: JSON.stringify({ id: 7, card: CARD, roles: ["guest"] }),
  });

  const id = await system.crash(event);
  const ticket = await system.ticket(id);
  expect(ticket.evidence).toMatchObject({
    grade: "E2",
    shortfalls: [],
    reproduction: { kind: "call", origin: "captured" },
  });
  expect(ticket.gate).toMatchObject({ verdict: "auto", missing: [] });
  const diff = await system.system.stores.blobs.get(ticket.patch?.digest ?? "");
  expect(diff).toContain(`+  assert.equal(greet({ card: "${CARD}" }), "Hello, guest");`);
  expect(diff).toContain("user.profile?.name");
});

it("of an untrusted event the arguments are only data, and prove nothing that deploys by itself", async () => {
  const system = await systemWith();
  const mark = join(system.tiny.repo, "..", "pwned");
  const attack = `"'\`);require("fs").writeFileSync(${JSON.stringify(mark)},"");//\u2028process.exit(0)//`;
  const event = await crashOf(system.tiny.repo, { card: CARD, note: attack, [attack]: 1 });
  const ticket = await system.ticket(await system.crash({ ...event, trustTier: "T0" }));
  expect(ticket.evidence?.reproduction).toMatchObject({ kind: "call", origin: "captured" });
  expect(ticket.gate).toMatchObject({ verdict: "ask", missing: ["trustTierAllowed"] });
  expect(existsSync(mark)).toBe(false);
  expect(system.tiny.deploys()).toEqual([]);
});
