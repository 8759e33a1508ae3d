import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditCommand } from "../../src/cli/auditCommands.ts";
import { verifyAuditIn } from "../../src/store/sqlite/audit.ts";
import { type CliRun, runCli } from "../helpers/cliRun.ts";
import { type DashboardHome, makeDashboardHome } from "../helpers/dashboardHome.ts";
import { tempFolder } from "../helpers/tempFolder.ts";

const ENTRIES = 1203;

let home: DashboardHome;
let env: Record<string, string>;
let head: string;
beforeAll(async () => {
  home = await makeDashboardHome();
  env = { SELFHEAL_URL: await home.listen(), SELFHEAL_TOKEN: home.token };
  const { audit } = home.stores;
  const appended = Array.from({ length: ENTRIES }, (_, n) =>
    audit.append({
      kind: "ticket.opened",
      actor: "person:\u2028 a line that is none",
      ticketId: n % 100 === 0 ? "t1" : "t2",
      facts: { n },
    }),
  );
  head = (await Promise.all(appended)).at(-1)?.hash ?? "";
});
afterAll(() => home.remove());

const audit = (...argv: string[]): Promise<CliRun> =>
  runCli(["audit", ...argv], { env, commands: [auditCommand({ verifyAuditIn })] });

async function exportedLines(): Promise<{ file: string; lines: string[] }> {
  const file = join(tempFolder(), "log.ndjson");
  expect(await audit("export", "--out", file)).toMatchObject({ code: 0, stdout: "" });
  return { file, lines: readFileSync(file, "utf8").split("\n") };
}

describe("selfheal audit verify", () => {
  it("checks a running server's log and prints its head", async () => {
    const { code, stdout } = await audit("verify", "--expect", head);
    expect([code, stdout]).toEqual([0, `${ENTRIES} entries, each as it was written, none missing.\nhead ${head}\n`]);
    const status = (await (
      await home.app.request("/v1/status", { headers: { authorization: `Bearer ${home.token}` } })
    ).json()) as { audit: unknown };
    expect(status.audit).toEqual({ entries: ENTRIES, head });
  });

  it("exits 1 when a head that was noted is not in the log", async () => {
    const { code, stdout, stderr } = await audit("verify", "--expect", "a".repeat(64));
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/broken at entry 1204: the log ends without the head aaa.*cut short/);
    expect(await audit("verify", "--expect", "short")).toMatchObject({ code: 1 });
  });

  it("names the first entry of a file that was changed, left out, or cut off", async () => {
    const { file, lines } = await exportedLines();
    const changed = async (change: string[]) => {
      writeFileSync(file, change.join("\n"));
      return audit("verify", "--file", file, "--json", "--expect", head);
    };
    expect(JSON.parse((await changed(lines)).stdout)).toEqual({ kind: "ok", entries: ENTRIES, head });
    const forged = await changed(lines.with(6, (lines[6] ?? "").replace('"n":6', '"n":7')));
    expect([forged.code, JSON.parse(forged.stdout)]).toMatchObject([
      1,
      { sequence: 7, reason: "its content was changed" },
    ]);
    expect(JSON.parse((await changed(lines.toSpliced(6, 1))).stdout)).toMatchObject({ sequence: 7 });
    expect(JSON.parse((await changed(lines.slice(0, -2))).stdout)).toMatchObject({ sequence: ENTRIES });
    expect((await changed(lines.with(2, "{"))).stderr).toMatch(/line 3 is no audit entry/);
  });

  it("says which file or folder cannot be read", async () => {
    expect((await audit("verify", "--file", "/nowhere")).stderr).toMatch(/\/nowhere: ENOENT/);
    expect((await audit("verify", "--data", "/nowhere")).stderr).toMatch(/no audit log in \/nowhere/);
  });
});

describe("selfheal audit export", () => {
  it("prints the whole log, and its head apart from it", async () => {
    const { stdout, stderr, code } = await audit("export");
    const entries = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect([code, entries.length, stderr]).toEqual([0, ENTRIES, `${ENTRIES} entries; head ${head}\n`]);
    expect(entries[0]).toMatchObject({ sequence: 1, kind: "ticket.opened", previousHash: "0".repeat(64) });
    expect(entries.at(-1).hash).toBe(head);
  });

  it("gives one ticket's part, which is checked entry by entry", async () => {
    const file = join(tempFolder(), "part.ndjson");
    expect(await audit("export", "--ticket", "t1", "--out", file)).toMatchObject({ code: 0, stderr: "13 entries\n" });
    expect((await audit("verify", "--file", file)).stderr).toMatch(/entry 2: entry 2 is missing[\s\S]*--part/);
    expect((await audit("verify", "--file", file, "--part")).stdout).toBe("13 entries, each as it was written.\n");
  });

  it("leaves no file behind when the server says no", async () => {
    const out = join(tempFolder(), "log.ndjson");
    expect(await audit("export", "--out", out, "--token", "sh_wrong")).toMatchObject({ code: 1 });
    expect(() => readFileSync(out)).toThrow("ENOENT");
  });
});
