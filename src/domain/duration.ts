const UNITS: readonly [name: string, ms: number][] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
];

/** A duration for people, in its largest fitting unit: `210 ms`, `1.8 s`, `12 min`, `3 h`, `2 d`. */
export function describeDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const unit = UNITS.find(([, size]) => ms >= size);
  if (unit !== undefined) return `${Math.floor(ms / unit[1])} ${unit[0]}`;
  return `${ms < 10_000 ? (Math.floor(ms / 100) / 10).toString() : Math.floor(ms / 1000)} s`;
}

const WORDS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses `90s`, `30min`, `12h` or `7d` to milliseconds; null for any other text. */
export function parseDuration(text: string): number | null {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?) ?([a-z]+)$/.exec(text.trim()) ?? [];
  const ms = Number(number) * (WORDS[unit] ?? Number.NaN);
  return Number.isFinite(ms) && ms > 0 ? Math.round(ms) : null;
}
