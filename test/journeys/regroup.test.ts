import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Issue } from "../../src/domain/issue.ts";
import { runCli } from "../helpers/cliRun.ts";
import { KEY, startServe } from "../helpers/serveProcess.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { makeTinyService } from "../helpers/tinyService.ts";

test("what a person merged stays merged after kill -9, and no key that clients send can do it", async () => {
  const dir = tempFolder();
  const settings = { autonomy: "observe", services: [makeTinyService(dir).settings] };
  let server = await startServe(join(dir, "home"), settings);
  onTestFinished(async () => void (await server.stop()));
  const cli = async (...argv: string[]) => {
    const env = { SELFHEAL_URL: server.url, SELFHEAL_TOKEN: server.token, USER: "ann" };
    const run = await runCli([...argv, "--json"], { env });
    expect(run).toMatchObject({ code: 0, stderr: "" });
    return JSON.parse(run.stdout);
  };
  const crash = async (name: string) => {
    const stack = `TypeError: no user\n    at ${name} (/srv/src/greet.js:6:29)`;
    const exception = { type: "TypeError", value: "no user", stack };
    expect((await server.post({ service: "tiny", exception })).status).toBe(202);
  };
  const issueOf = async (name: string): Promise<Issue> => {
    const { issues } = await cli("issues");
    return issues.find(({ culprit }: Issue) => culprit.startsWith(name));
  };
  await crash("first");
  await crash("second");
  await server.ticketWhere(({ title, issueIds }) => title.includes("no user") && issueIds.length > 0);
  await expect.poll(() => issueOf("second"), { timeout: 20_000 }).toMatchObject({ ticketId: expect.any(String) });
  const [a, b] = [await issueOf("first"), await issueOf("second")];

  const asClient = {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}` },
    body: JSON.stringify({ into: b.id }),
  };
  expect((await fetch(`${server.url}/v1/issues/${a.id}/merge`, asClient)).status).toBe(401);
  const { rules } = await cli("issues", "merge", a.id, b.id, "--reason", "one bug");
  expect(rules).toMatchObject([{ kind: "merge", by: "ann", reason: "one bug", issueId: a.id, intoIssueId: b.id }]);

  await server.kill();
  server = await startServe(join(dir, "home"), settings);
  await crash("first");
  await expect.poll(() => issueOf("second"), { timeout: 20_000 }).toMatchObject({ count: b.count + 1 });
  const shown = await cli("issues", "show", b.id);
  expect(shown.issue.fingerprint.why).toContain(`issue ${a.id} merged by ann`);
  expect(shown.rules).toHaveLength(1);
  expect(shown.variants.length).toBeGreaterThan(1);
  expect(await cli("issues", "undo", rules[0].id)).toMatchObject({ rules: [{ undoneAt: expect.any(Number) }] });
  await crash("first");
  await expect.poll(() => issueOf("first"), { timeout: 20_000 }).toMatchObject({ count: a.count + 1 });
});
