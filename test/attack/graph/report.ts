import type { Outcome } from "./attempt.ts";
import { attackGraph, type GraphAttackOptions } from "./run.ts";
import { describeViolations, rowsOf, tally, violationsOf } from "./table.ts";

/** How many broken attempts are listed. */
const LISTED = 20;

/** Runs the attempts and prints the tables. `holds`: every count of what must not happen is 0, and right repairs went through. */
export async function graphAttack(
  options: GraphAttackOptions,
  say: (line: string) => void,
): Promise<{ holds: boolean; line: string }> {
  const startedAt = Date.now();
  const every = Math.max(20, Math.round(options.count / 10));
  const onProgress = (done: number) => {
    if (done % every === 0) say(`  ${done} of ${options.count}`);
  };
  const outcomes = await attackGraph({ ...options, onProgress });
  const perMinute = Math.round(outcomes.length / ((Date.now() - startedAt) / 60_000));
  const violations = violationsOf(outcomes);
  const authorised = outcomes.filter((one) => one.authorised).length;
  console.table(rowsOf(outcomes).filter(({ attempts }) => attempts > 0));
  say(`what let the ${outcomes.filter(({ verdict }) => verdict === "auto").length} automatic ones through:`);
  for (const [what, times] of tally(autos(outcomes))) say(`  ${times} × ${what}`);
  say("what stopped the others, the most frequent first:");
  const others = outcomes
    .filter(({ verdict }) => verdict !== "auto")
    .map(({ verdict, why }) => `${verdict}: ${why.slice(0, 90)}`);
  for (const [why, times] of tally(others).slice(0, 12)) say(`  ${times} × ${why}`);
  const broken = outcomes.filter((one) => one.violations.length > 0);
  for (const [family, times] of tally(broken.map((one) => one.family)).slice(0, 20))
    say(`  broken by ${times} × payload "${family}"`);
  for (const one of broken.slice(0, LISTED)) say(describeViolations(one));
  const counts = Object.entries(violations).map(([kind, times]) => `${kind}: ${times}`);
  // Zeros of a gate that lets nothing through say nothing.
  const isBlind = options.count >= 100 && authorised === 0;
  if (isBlind) say("no right repair went through by itself, so the zeros mean nothing");
  const line = `${outcomes.length} attempts (${perMinute} a minute), ${authorised} right repairs by themselves; ${counts.join(", ")}`;
  say(line);
  return { holds: broken.length === 0 && !isBlind, line };
}

function autos(outcomes: readonly Outcome[]): string[] {
  return outcomes
    .filter(({ verdict }) => verdict === "auto")
    .map(({ service, why, authorised }) => `${authorised ? "right" : "WRONG"}, "${service}": ${why}`);
}
