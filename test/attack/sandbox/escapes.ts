import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SandboxGrade } from "../../../src/domain/evidence.ts";
import type { Workspace } from "../../../src/domain/ports/workspace.ts";
import type { LocalSandbox } from "../../../src/tools/sandbox/sandbox.ts";
import { service } from "../../helpers/service.ts";
import { attempts, scriptOf } from "./attempts.ts";

/** What an escape suite saw. */
export interface EscapeResult {
  grade: SandboxGrade;
  held: number;
  /** Names of the attempts that succeeded and that the grade promises to hold. */
  escaped: string[];
  /** Names of those that reached only more of the kernel, in a grade that does not promise to hold them. */
  surface: string[];
}

const VARIABLE = "SELFHEAL_ESCAPE_CANARY";

/** Tries every attempt in one run of the sandbox. The host is not changed. */
export async function tryEscapes(sandbox: LocalSandbox): Promise<EscapeResult> {
  const root = mkdtempSync(join(tmpdir(), "selfheal-escapes-"));
  const folder = join(root, "outside");
  const dir = join(root, "tree");
  const modules = join(root, "repo");
  for (const one of [folder, dir, modules]) mkdirSync(one);
  const secretFile = join(folder, "secret");
  writeFileSync(secretFile, "canary", { mode: 0o600 });
  const listener = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => listener.once("listening", resolve));
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.env[VARIABLE] = "canary";
  const dependency = process.execPath;
  const all = attempts({ secretFile, folder, port, pid: process.pid, variable: VARIABLE, dependency });
  writeFileSync(join(dir, ".git"), "gitdir: elsewhere\n");
  writeFileSync(join(dir, "attempts.sh"), scriptOf(all));
  chmodSync(root, 0o755);
  const workspace = { dir, ticketId: "escapes", service: service(modules), baseCommit: "" } as unknown as Workspace;
  try {
    const { stdout, end, stderr } = await sandbox.run(workspace, { command: "sh attempts.sh", timeoutMs: 120_000 });
    const lines = stdout.split("\n").filter((line) => /^(?:HELD|ESCAPED)\t/.test(line));
    if (lines.length !== all.length)
      throw new Error(
        `${lines.length} of ${all.length} attempts reported: ${JSON.stringify(end)} ${stderr.slice(-500)}`,
      );
    const out = lines.filter((line) => line.startsWith("ESCAPED")).map((line) => line.split("\t")[1] ?? "");
    const onSurface = new Set(all.filter(({ surface }) => surface === true).map(({ name }) => name));
    const surface = sandbox.grade === "bubblewrap" ? [] : out.filter((name) => onSurface.has(name));
    const escaped = out.filter((name) => !surface.includes(name));
    return { grade: sandbox.grade, held: lines.length - out.length, escaped, surface };
  } finally {
    delete process.env[VARIABLE];
    listener.close();
    rmSync(root, { recursive: true, force: true });
  }
}
