/**
 * Pairs of letters that make up 87 % of the pairs in English prose and in identifiers, and 24 % of those in random
 * letters. Counted over the words of published JavaScript packages, with the commonest pairs of German, French and
 * Spanish.
 */
const COMMON_PAIRS = new Set(
  (
    "ab ac ad ag ai al am an ap ar as at au ba be bl bo ca ce ch ci ck cl co cr ct da de di do ds ea ec ed ee ef ei el " +
    "em en eo ep er es et ev ew ex fa fi fo ge gr ha he ho ic id ie ig il im in io ir is it iv ke la ld le li ll lo ls " +
    "lt ma me mi mm mo mp na nc nd ne ng ni nn no ns nt oc od of ol om on oo op or os ot ou ow pa pe pl po pp pr ps pt " +
    "qu ra rc rd re ri ro rr rs rt ru ry sa sc se sh si so sp ss st su ta tc te th ti to tr ts tt tu ty ue ul un up ur " +
    "us ut va ve vi wa we wi"
  ).split(" "),
);

/** At least this many characters are needed to tell a random text from a name. */
export const MIN_RANDOM = 20;

/** The share of common pairs below which a text is no word of a language. Words have 0.7 and more, random text 0.1. */
const WORDY = 0.45;

/**
 * Whether a run of letters, digits and `+/_=-` was made by a random generator: a key, a token, a digest. Names, paths,
 * slugs and numbers are not. UUIDs are random, but they are ids, so this says no.
 *
 * @example
 * isRandomText("q7RkXv2MZp0LwYt9BsEa"); // true
 * isRandomText("EntityManagerFactoryBean2"); // false
 */
export function isRandomText(text: string, min = MIN_RANDOM): boolean {
  if (text.length < min || UUID.test(text)) return false;
  const parts = text.split(/[+/_=-]+/).filter((part) => part !== "" && !isWordy(part));
  const rest = parts.join("");
  // Separators are digits of base64url too: a few of them do not make a key a name.
  if (rest.length < Math.min(min, text.length * 0.8)) return false;
  return isMixed(rest) && entropyOf(rest) >= MIN_ENTROPY;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Bits a character. English has about 4, twenty random hexadecimal digits about 3.3. */
const MIN_ENTROPY = 2.8;

/** Shannon entropy of the characters of a text, in bits a character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  return [...counts.values()].reduce((sum, n) => sum - (n / text.length) * Math.log2(n / text.length), 0);
}

/** Digits alone are numbers. Letters alone are random only if both cases alternate, or if no pair of them is common. */
function isMixed(text: string): boolean {
  if (!/[A-Za-z]/.test(text)) return false;
  return /\d/.test(text) || commonShare(text) < 0.35;
}

/** Whether a part of a path or name is a word, a name of several words, or a number. */
export function isWordy(part: string): boolean {
  if (/^\d+$/.test(part)) return true;
  if (part.length < 4) return !/\d/.test(part) && /^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)$/.test(part) && part.length > 1;
  return commonShare(part) >= WORDY;
}

/** The share of common pairs of letters among all pairs of neighbours. Between two words (`aB`) is no pair. */
function commonShare(text: string): number {
  let [common, all] = [0, 0];
  for (let i = 1; i < text.length; i++) {
    const pair = text.slice(i - 1, i + 1);
    if (/^[a-z][A-Z]$/.test(pair)) continue;
    all += 1;
    if (COMMON_PAIRS.has(pair.toLowerCase())) common += 1;
  }
  return all === 0 ? 0 : common / all;
}
