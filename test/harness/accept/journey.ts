import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { HAS_STRACE, startLife, storedIn, trace } from "./life.ts";
import { ALL_IDS, type Answer, sendAll } from "./script.ts";

/** The n-th call of this name, from 1, after the server began to listen. */
export interface CallPoint {
  call: string;
  nth: number;
}

/** Calls by which ingest writes to the disk and to its clients. */
const CALLS = ["pwrite64", "fdatasync", "fsync", "ftruncate", "write", "writev", "sendto", "sendmsg"];

interface Ground {
  dir: string;
  entry: string;
  plant?: string | null;
}

export interface JourneyEnd {
  killed: boolean;
  acked: number;
  violations: string[];
}

/** Where a process can be killed while clients send everything: one life, watched. */
export async function callPoints({ dir, entry }: Ground): Promise<CallPoint[]> {
  if (!HAS_STRACE) throw new Error("there is no strace here");
  const life = await startLife(entry, { dir, digests: false, plant: null });
  const file = join(dir, "calls");
  const watch = await trace(life.pid, ["-e", `trace=${CALLS.map((call) => `?${call}`).join()}`, "-o", file]);
  const answers = await sendAll(life.url);
  await watch.stop();
  await life.end();
  const missing = ALL_IDS.length - ackedOf(answers).length;
  if (missing > 0) throw new Error(`${missing} events were not taken by an honest process`);
  const seen = new Map<string, number>();
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => /^(\w+)\(/.exec(line)?.[1] ?? [])
    .map((call) => {
      const nth = (seen.get(call) ?? 0) + 1;
      seen.set(call, nth);
      return { call, nth };
    });
}

/** Kills the process at a system call, looks, starts it again, and lets the clients send everything again. */
export async function killAtCall(ground: Ground, { call, nth }: CallPoint): Promise<JourneyEnd> {
  const { dir, entry, plant = null } = ground;
  const first = await startLife(entry, { dir, digests: false, plant });
  const watch = await trace(first.pid, inject(call, `signal=KILL:when=${nth}`));
  const answers = await sendAll(first.url, true);
  const acked = ackedOf(answers);
  // An honest process answers everything: who got nothing spoke to one that was killed.
  const killed = answers.some(({ status }) => status === null);
  await first.end();
  await watch.stop();
  const violations = lost(acked, dir);
  if (violations.length > 0) return { killed, acked: acked.length, violations };

  const second = await startLife(entry, { dir, digests: true, plant });
  violations.push(...notTaken(await sendAll(second.url)));
  await second.end();
  violations.push(...notWhole(dir));
  if (violations.length === 0) rmSync(dir, { recursive: true, force: true });
  return { killed, acked: acked.length, violations };
}

/** Lets a system call fail, always or at its n-th time, while clients send everything; then lets it work again. */
export async function failCall(
  ground: Ground,
  { call, error, when }: { call: string; error: string; when?: number },
): Promise<JourneyEnd> {
  const { dir, entry, plant = null } = ground;
  const life = await startLife(entry, { dir, digests: true, plant });
  const violations: string[] = [];
  const watch = await trace(life.pid, inject(call, `error=${error}${when === undefined ? "" : `:when=${when}`}`));
  const answers = await sendAll(life.url);
  const acked = ackedOf(answers);
  violations.push(...lost(acked, dir), ...answers.flatMap(unclear));
  if (when === undefined && acked.length > 0)
    violations.push(`${acked.length} events were taken although nothing could be written`);
  await watch.stop();
  if (life.isGone()) violations.push("the process ended");
  else violations.push(...notTaken(await sendAll(life.url)));
  await life.end();
  violations.push(...notWhole(dir));
  if (violations.length === 0) rmSync(dir, { recursive: true, force: true });
  return { killed: false, acked: acked.length, violations };
}

function inject(call: string, what: string): string[] {
  return ["-e", `trace=${call}`, "-e", `inject=${call}:${what}`, "-o", "/dev/null"];
}

function ackedOf(answers: readonly Answer[]): string[] {
  return answers.flatMap(({ acked }) => acked);
}

/** Acknowledged, and not on disk. */
function lost(acked: readonly string[], dir: string): string[] {
  const stored = new Set(storedIn(dir).ids);
  return acked.filter((id) => !stored.has(id)).map((id) => `${id} was acknowledged, and is not stored`);
}

function notTaken(answers: readonly Answer[]): string[] {
  return answers
    .filter(({ acked }) => acked.length === 0)
    .map(({ step, status }) => `${step}: sent again, got ${status}`);
}

/** Everything is there, once, and is counted as that. */
function notWhole(dir: string): string[] {
  const { ids, received } = storedIn(dir);
  const violations: string[] = [];
  if (ids.length !== ALL_IDS.length || ALL_IDS.some((id) => !ids.includes(id)))
    violations.push(`at the end it has stored ${ids.length} events, not ${ALL_IDS.length}`);
  if (received !== ids.length) violations.push(`${received} events are counted as received, ${ids.length} are stored`);
  return violations;
}

/** A refusal that says in the protocol's own way that sending again has a chance. */
function unclear({ step, status, headers, acked }: Answer): string[] {
  if (acked.length > 0) return [];
  const isClear =
    step === "a stream"
      ? status === 1013
      : step === "an envelope"
        ? status === 429 && headers["x-sentry-rate-limits"] !== undefined
        : status === 503 && headers["retry-after"] !== undefined;
  return isClear ? [] : [`${step}: got ${status} while nothing could be written`];
}
