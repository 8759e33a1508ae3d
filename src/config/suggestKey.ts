import { distance } from "fastest-levenshtein";

/**
 * The known word that was most likely meant, by edit distance, or null: `autonmy` → autonomy, `debounce_ms` and
 * `debounce` → debounceMs.
 */
export function suggest(given: string, known: readonly string[]): string | null {
  const plain = plainWord(given);
  if (plain === "") return null;
  const ranked = known.map((word) => ({ word, off: distance(plain, plainWord(word)) })).sort((a, b) => a.off - b.off);
  const best = ranked[0];
  // Two swapped letters count as two changes.
  const allowed = plain.length < 4 ? 1 : Math.max(2, Math.floor(plain.length / 3));
  if (best !== undefined && best.off <= allowed) return best.word;
  if (plain.length < 4) return null;
  return known.find((word) => plainWord(word).startsWith(plain) || plain.startsWith(plainWord(word))) ?? null;
}

function plainWord(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, "");
}

const MS = { ms: 1, s: 1000, sec: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES = { b: 1, kb: 1000, mb: 1_000_000, gb: 1_000_000_000 };

/**
 * The number that a text meant, for a key that needs a number in a unit. For `"5m"` and a key that ends in Ms:
 * `give milliseconds: 300000`. null if the text is not such a number.
 */
export function unitHint(key: string, given: unknown): string | null {
  if (typeof given !== "string") return null;
  const [, number, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(given) ?? [];
  if (number === undefined) return null;
  const plain = unit.toLowerCase();
  if (plain === "") return `without quotes: ${Number(number)}`;
  if (key.endsWith("Ms")) return inUnit("milliseconds", Number(number), MS, plain);
  return key.endsWith("Bytes") ? inUnit("bytes", Number(number), BYTES, plain) : null;
}

function inUnit(name: string, number: number, sizes: Record<string, number>, unit: string): string | null {
  const size = Object.hasOwn(sizes, unit) ? sizes[unit] : undefined;
  return size === undefined ? null : `give ${name}: ${Math.round(number * size)}`;
}
