import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { programArgs } from "../../helpers/program.ts";
import { type ApprovalCounts, questionsFor, runMatrix, type Size } from "./matrix.ts";
import type { Asked } from "./server.ts";

/** Starts a server, asks, and answers in every way. */
export async function runApprovalHarness(size: Size): Promise<ApprovalCounts> {
  const dir = mkdtempSync(join(tmpdir(), "selfheal-approval-"));
  const { approvePlan, approveDeploy, escalate } = questionsFor(size);
  const counts = [approvePlan, approveDeploy, escalate].map(String);
  const program = await programArgs("test/harness/approval/server.ts");
  const child = spawn(process.execPath, [...program, dir, ...counts], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env.PATH, LOG_LEVEL: "error", SELFHEAL_LOG: "fatal" },
  });
  const exit = once(child, "exit");
  try {
    const line = once(createInterface({ input: child.stdout }), "line").then(([first]) => String(first));
    const asked = await Promise.race([line, exit.then(() => null)]);
    if (asked === null) throw new Error("the server ended before everybody was asked");
    return await runMatrix(JSON.parse(asked) as Asked, size);
  } finally {
    child.kill("SIGKILL");
    await exit;
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The long form. Prints counts; false: not green. */
export async function approvalHarness(print: (line: string) => void): Promise<boolean> {
  const startedAt = Date.now();
  const { cells, pairs, notOffered, told, violations } = await runApprovalHarness("whole");
  for (const line of violations) print(line);
  const figures = `${cells} cells, ${pairs} pairs at once, ${notOffered} not offered; told ${JSON.stringify(told)}`;
  print(`approval: ${figures}; ${violations.length} violations, ${Math.round((Date.now() - startedAt) / 1000)} s`);
  return violations.length === 0;
}
