import { type Canary, type CanaryReading, type CanaryVerdict, type Counts, describeCounted } from "../domain/canary.ts";

type Rules = Pick<Canary, "windowMs" | "minRequests" | "maxErrorShareIncrease" | "alpha">;

/** What was seen of a canary up to now. */
export interface CanarySeen {
  /** How long it has had its part of the traffic, milliseconds. */
  watchedMs: number;
  counted: CanaryReading;
  /** Why the figures could not be read now; null when they were. */
  unread: string | null;
  /** Why the service's health check fails; null when it does not. */
  unwell: string | null;
  /** Events of the ticket's Issues that carry the canary's release. */
  recurrences: number;
}

export interface CanaryJudgement {
  verdict: CanaryVerdict;
  reason: string;
}

/**
 * unhealthy: proven to be worse, unwell, or the exception came back in it. healthy: none of this over the whole window,
 * with enough requests on both sides, and the errors that were seen lie within the bound. Everything else is inconclusive:
 * silence is no yes. It may be asked as often as one likes: the test holds at every look (`errorEvidence`).
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
 * How strongly the counts speak against "the canary's share of errors is at most the baseline's plus `bound`": the natural
 * logarithm of an e-value. By universal inference (Wasserman, Ramdas, Balakrishnan: Universal Inference, PNAS 2020, §8, on
 * sequences): the likelihood of what was seen under a mixture of error shares, over the best likelihood that the bound
 * allows. Within the bound it passes log(1/alpha) with a chance of at most alpha, over all looks together, for it never
 * exceeds a martingale that starts at 1 (Ville's inequality).
 */
export function errorEvidence({ canary, baseline }: CanaryReading, bound: number): number {
  const parts = EXPECTED.map((part) => mixed(canary, part.canary) + mixed(baseline, part.baseline));
  const most = Math.max(...parts);
  const mixture = most + Math.log(parts.reduce((sum, part) => sum + Math.exp(part - most), 0) / parts.length);
  return mixture - likeliestWithin(canary, baseline, bound);
}

/**
 * Beta densities over error shares, which the mixture is made of: half for a baseline that hardly fails, half for one that
 * fails anyhow. They decide how soon harm is found, never how often falsely.
 */
const EXPECTED = [
  { canary: { a: 1, b: 10 }, baseline: { a: 1, b: 100 } },
  { canary: { a: 0.5, b: 0.5 }, baseline: { a: 0.5, b: 0.5 } },
];

/** Log-likelihood of the counts, averaged over a Beta density. */
function mixed({ requests, errors }: Counts, { a, b }: { a: number; b: number }): number {
  return logBeta(a + errors, b + requests - errors) - logBeta(a, b);
}

/** The greatest log-likelihood with canary ≤ baseline + bound. */
function likeliestWithin(canary: Counts, baseline: Counts, bound: number): number {
  const at = (of: Counts, p: number) => power(of.errors, p) + power(of.requests - of.errors, 1 - p);
  if (share(canary) <= share(baseline) + bound) return at(canary, share(canary)) + at(baseline, share(baseline));
  // On the border it is a concave function of the baseline's share: thirds close in on its top.
  let [low, high] = [0, 1 - bound];
  const onBorder = (p: number) => at(canary, p + bound) + at(baseline, p);
  for (let i = 0; i < 100; i += 1) {
    const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
    if (onBorder(left) < onBorder(right)) low = left;
    else high = right;
  }
  return onBorder((low + high) / 2);
}

/** log(p^times), where nothing to the power of nothing is 1. */
function power(times: number, p: number): number {
  return times === 0 ? 0 : times * Math.log(p);
}

/** 0 without requests. */
function share({ requests, errors }: Counts): number {
  return requests === 0 ? 0 : errors / requests;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** Stirling's series (Abramowitz, Stegun 6.1.41), from 7 on exact to 1e-9; below by the recurrence. */
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
