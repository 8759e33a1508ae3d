import { type Canary, type CanaryReading, type CanaryVerdict, type Counts, describeCounted } from "../domain/canary.ts";

type Rules = Pick<Canary, "windowMs" | "minRequests" | "maxErrorShareIncrease" | "alpha">;

/** What was observed of a canary so far. */
export interface CanarySeen {
  /** How long the canary has received its share of the traffic, milliseconds. */
  watchedMs: number;
  counted: CanaryReading;
  /** Why the counts could not be read this time; null if they were read. */
  unread: string | null;
  /** Why the service's health check fails; null if it passes. */
  unwell: string | null;
  /** Events of the ticket's Issues that carry the canary's release. */
  recurrences: number;
}

/** The verdict and its reason, in words for people. */
export interface CanaryJudgement {
  verdict: CanaryVerdict;
  reason: string;
}

/**
 * Judges a canary (docs/canary.md).
 *
 * - `unhealthy`: its error share is proven to be worse, its health check fails, or the exception came back in its
 *   release.
 * - `healthy`: none of this over the whole window, with enough requests on both sides, and an error share within the
 *   bound.
 * - `inconclusive`: everything else. Missing data is not a success.
 *
 * It may be called as often as one likes: the test is valid at every call (`errorEvidence`).
 */
export function judgeCanary(rules: Rules, seen: CanarySeen): CanaryJudgement {
  const { counted, unwell, recurrences } = seen;
  const { canary, baseline } = counted;
  if (recurrences > 0) return unhealthy(`the exception came back ${recurrences} time(s) in the canary's release`);
  if (unwell !== null) return unhealthy(unwell);
  if (errorEvidence(counted, rules.maxErrorShareIncrease) >= Math.log(1 / rules.alpha))
    return unhealthy(`more errors than the baseline: ${describeCounted(counted)}`);
  if (seen.unread !== null) return inconclusive(seen.unread);
  const few = ([name, { requests }]: [string, Counts]) =>
    requests < rules.minRequests ? [`${requests} of ${rules.minRequests} requests on the ${name}`] : [];
  const missing = [["canary", canary] as const, ["baseline", baseline] as const].flatMap((side) => few([...side]));
  if (missing.length > 0) return inconclusive(`too little traffic: ${missing.join(", ")}`);
  if (share(canary) > share(baseline) + rules.maxErrorShareIncrease)
    return inconclusive(`more errors than allowed, not yet proven: ${describeCounted(counted)}`);
  return seen.watchedMs < rules.windowMs
    ? inconclusive(`the window is not over: ${describeCounted(counted)}`)
    : { verdict: "healthy", reason: describeCounted(counted) };
}

/**
 * How strongly the counts contradict "the canary's error share is at most the baseline's plus `bound`": the natural
 * logarithm of an e-value.
 *
 * Computed by universal inference (Wasserman, Ramdas, Balakrishnan: Universal Inference, PNAS 2020,  8, on sequences):
 * the likelihood of the counts under a mixture of error shares, divided by the best likelihood within the bound. If the
 * canary is within the bound, the value exceeds log(1/alpha) with probability at most alpha, over all calls together,
 * because it never exceeds a martingale that starts at 1 (Ville's inequality).
 */
export function errorEvidence({ canary, baseline }: CanaryReading, bound: number): number {
  const parts = EXPECTED.map((part) => mixed(canary, part.canary) + mixed(baseline, part.baseline));
  const most = Math.max(...parts);
  const mixture = most + Math.log(parts.reduce((sum, part) => sum + Math.exp(part - most), 0) / parts.length);
  return mixture - likeliestWithin(canary, baseline, bound);
}

/**
 * The Beta densities over error shares that make up the mixture: half for a baseline that hardly fails, half for a
 * baseline that fails often. They determine how soon harm is detected, never the rate of false alarms.
 */
const EXPECTED = [
  { canary: { a: 1, b: 10 }, baseline: { a: 1, b: 100 } },
  { canary: { a: 0.5, b: 0.5 }, baseline: { a: 0.5, b: 0.5 } },
];

/** Log-likelihood of the counts, averaged over a Beta density. */
function mixed({ requests, errors }: Counts, { a, b }: { a: number; b: number }): number {
  return logBeta(a + errors, b + requests - errors) - logBeta(a, b);
}

/** The maximum log-likelihood under the constraint canary ≤ baseline + bound. */
function likeliestWithin(canary: Counts, baseline: Counts, bound: number): number {
  const at = (of: Counts, p: number) => power(of.errors, p) + power(of.requests - of.errors, 1 - p);
  if (share(canary) <= share(baseline) + bound) return at(canary, share(canary)) + at(baseline, share(baseline));
  // On the border the log-likelihood is a concave function of the baseline's share: ternary search finds its maximum.
  let [low, high] = [0, 1 - bound];
  const onBorder = (p: number) => at(canary, p + bound) + at(baseline, p);
  for (let i = 0; i < 100; i += 1) {
    const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
    if (onBorder(left) < onBorder(right)) low = left;
    else high = right;
  }
  return onBorder((low + high) / 2);
}

/** log(p^times), with 0^0 = 1. */
function power(times: number, p: number): number {
  return times === 0 ? 0 : times * Math.log(p);
}

/** The error share; 0 without requests. */
function share({ requests, errors }: Counts): number {
  return requests === 0 ? 0 : errors / requests;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** Stirling's series (Abramowitz, Stegun 6.1.41), exact to 1e-9 from 7 on; below 7 by the recurrence. */
function logGamma(x: number): number {
  if (x < 7) return logGamma(x + 1) - Math.log(x);
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

function unhealthy(reason: string): CanaryJudgement {
  return { verdict: "unhealthy", reason };
}

function inconclusive(reason: string): CanaryJudgement {
  return { verdict: "inconclusive", reason };
}
