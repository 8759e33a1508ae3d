import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { readCases } from "../cases/case.ts";
import { judge } from "../cases/judge.ts";
import { capture, prepare } from "../cases/prepare.ts";
import type { ReplayReport, ReplayRequest } from "../src/domain/oneShot.ts";
import type { Row } from "./table.ts";

type Replay = (request: Omit<ReplayRequest, "brain" | "model" | "root">) => Promise<ReplayReport>;

/** The crashes of published packages (cases/), each with its reproduction, judged by its probe. */
export async function publishedRows(wanted: (name: string) => boolean, replay: Replay): Promise<Row[]> {
  const cache = join(homedir(), ".cache", "selfheal-cases");
  mkdirSync(cache, { recursive: true });
  const rows: Row[] = [];
  for (const item of readCases().filter((one) => wanted(one.name) && one.notRun === undefined)) {
    const work = mkdtempSync(join(tmpdir(), "selfheal-eval-"));
    const row = (verdict: Row["verdict"], detail: string, report?: ReplayReport): Row => ({
      name: item.name,
      kind: "published",
      verdict,
      detail,
      passedGate: verdict === "wrong" && (report?.tickets.some((ticket) => ticket.byItself) ?? false),
      ms: report?.durationMs ?? 0,
      tokens: report?.tokens ?? 0,
      usd: report?.usd ?? 0,
    });
    try {
      const prepared = await prepare(item, cache);
      const file = join(work, "event.json");
      await capture(prepared.faulty, file);
      const events = [JSON.parse(readFileSync(file, "utf8"))];
      const report = await replay({ repo: prepared.faulty, events, reproduceCommand: "node trigger.mjs" });
      const [ticket] = report.tickets;
      if (ticket === undefined || ticket.outcome === "failed")
        rows.push(row("failed", ticket?.reason ?? "no ticket", report));
      else if (ticket.outcome === "abstained") rows.push(row("missed", ticket.reason, report));
      else {
        const judgement = await judge(item, prepared, ticket.diff ?? "", join(work, "healed"));
        const by = ticket.ticket.patch?.by ?? "?";
        if (judgement.kind === "right") rows.push(row("healed", `${by}, ${ticket.reason}`, report));
        else rows.push(row("wrong", `${by}: ${judgement.differences.slice(0, 2).join("; ")}`, report));
      }
    } catch (error) {
      rows.push(row("failed", error instanceof Error ? error.message : String(error)));
    } finally {
      rmSync(work, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  return rows;
}
