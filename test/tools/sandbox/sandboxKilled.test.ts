import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createProcessRunner } from "../../../src/tools/sandbox/processRunner.ts";
import { createSandbox } from "../../../src/tools/sandbox/sandbox.ts";
import { gitRepository, temporaryFolder } from "../../helpers/gitRepository.ts";
import { eventually } from "../../helpers/patience.ts";

const running = (args: readonly string[]) =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8") === `${args.join("\0")}\0`;
    } catch {
      return false;
    }
  });

describe("when selfheal itself is killed", () => {
  it.for(["bubblewrap", "namespaces"] as const)("nothing goes on in %s", async (maximum, { skip }) => {
    // A machine that cannot confine has nothing to test here.
    if ((await createSandbox({ processes: createProcessRunner(), maximum })).grade !== maximum) skip();
    const marker = `8${process.pid}${maximum.length}`;
    const repo = gitRepository({ "a.js": "" });
    const tools = join(import.meta.dirname, "../../../src/tools");
    const script = join(temporaryFolder("script"), "run.mts");
    writeFileSync(
      script,
      `import { createProcessRunner } from "${tools}/sandbox/processRunner.ts";
       import { createSandbox } from "${tools}/sandbox/sandbox.ts";
       import { createWorkspaces } from "${tools}/git/workspaces.ts";
       import { Service } from "${tools}/../domain/service.ts";
       const service = Service.parse({ name: "shop", project: "demo", repo: "${repo.dir}" });
       const workspaces = createWorkspaces({ dataDir: "${temporaryFolder("data")}", clock: { now: () => 0 } });
       const workspace = await workspaces.open(service, "ticket-1", await workspaces.head(service));
       const sandbox = await createSandbox({ processes: createProcessRunner(), maximum: "${maximum}", scratch: "${temporaryFolder("scratch")}" });
       await sandbox.run(workspace, { command: "sleep ${marker} & sleep ${marker}", timeoutMs: 60_000 });`,
    );
    const child = spawn(process.execPath, ["--import", "tsx", script], { stdio: "ignore" });
    await eventually(() => expect(running(["sleep", marker])).toHaveLength(2), 50);
    child.kill("SIGKILL");
    await eventually(() => expect(running(["sleep", marker])).toEqual([]), 20);
  });
});
