import { isRandomText } from "../../domain/randomText.ts";
import { isForeignPasswordName } from "./spokenSecrets.ts";

/**
 * Which assignments in a text are redacted. `quoted` is for source code, where `token = read()` contains no secret:
 * only quoted values are redacted.
 */
export type Assignments = "all" | "quoted";

/** Names whose value is never kept. They are compared without case and punctuation. */
const SENSITIVE =
  /passw|passphrase|passcode|^pass$|^pwd$|pwd$|secret|token(?!s$|count|izer|type)|apikey|accesskey|privatekey|signingkey|encryptionkey|authorization|^auth$|^xauth|cookie|session(?!count)|^sid$|credential|creditcard|cardnumber|^cvv$|^cvc$|^ssn$|^pin$|^iban$|jwt|csrf|xsrf|bearer|signature/;

/** Whether a value under this name must not be kept, whatever the value looks like. */
export function isSensitiveName(name: string): boolean {
  return SENSITIVE.test(plainName(name)) || isForeignPasswordName(name);
}

/** Names under which many harmless values stand, and secrets too: the value decides. */
const AMBIGUOUS =
  /^(?:auth)?code$|codeverifier|^otp|otp$|totp|^mfa|^2fa|pincode|^sig$|^s$|^t$|^k$|hmac$|^mac$|nonce$|^state$|relaystate|ticket$|reset|invite|invitation|magic|verify|verification|activation|confirm|unlock|unsubscribe|share$|key$|hash$|hdnea|^xamz(?:credential|date)?|^pw$|^pass|(?:db|user|admin|root|smtp|mail|ftp|redis|sql|pg)pass$|salt$|seed$|mnemonic|licen[cs]e|dsn$|connectionstring|webhook|hookurl/;
/** Names of one-time codes and PINs, whose value is only digits. */
const NUMERIC = /otp|totp|^pin|pin(?:code)?$|mfa|2fa|tan$|verificationcode|onetimecode|passcode|securitycode|smscode/;

/** Whether the value under a name is a secret although the name alone does not say so: `code=q7Rk…`, `otp: 123456`. */
export function isSecretUnder(name: string, value: string): boolean {
  const plain = plainName(name);
  if (NUMERIC.test(plain) && /^\d{4,10}$/.test(value)) return true;
  if (!AMBIGUOUS.test(plain)) return false;
  if (/^pw$|^pass|pass$/.test(plain)) return value.length > 2 && !HARMLESS.test(value);
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return !/(?:key|hash)$/.test(plain);
  if (/^(?:code|authcode)$/.test(plain) && /^\d{6,8}$/.test(value)) return true;
  return isRandomText(value.replace(/^[A-Za-z]{1,4}[-_.:]|%[0-9A-F]{2}/g, ""), 10);
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

const ASSIGNMENT = /(?<![\w.-])([\w.-]+)(\\{0,3}["']?\s{0,3}(?::|=>?(?!=))\s{0,3})/g;
const NEXT = /\\{0,3}["'`]?([\w.-]+)\\{0,3}["']?\s{0,3}(?::|=>?(?!=))/y;
/** Values that reveal nothing and that a repair needs, and values that were already replaced. */
const HARMLESS = /^(?:\[scrubbed:[a-z-]{1,20}\]|null|undefined|true|false|none|nil|NaN|)$/i;

/**
 * Replaces the values of assignments to sensitive names and keeps the names: `password=x`, `"token": "x"`, `Cookie:
 * a=b`.
 */
export function redactAssignments(
  text: string,
  assignments: Assignments,
  isDenied: (name: string) => boolean = () => false,
): string {
  const isNamed = (name: string) => isSensitiveName(name) || isDenied(name);
  if (!text.includes(":") && !text.includes("=")) return text;
  let out = "";
  let from = 0;
  ASSIGNMENT.lastIndex = 0;
  for (let found = ASSIGNMENT.exec(text); found !== null; found = ASSIGNMENT.exec(text)) {
    const [, name = "", separator = ""] = found;
    const isCertain = isNamed(name);
    if (!isCertain && !AMBIGUOUS.test(plainName(name)) && !NUMERIC.test(plainName(name))) continue;
    const value = valueAt(text, ASSIGNMENT.lastIndex, { name: plainName(name), separator, assignments, isNamed });
    if (value === null || HARMLESS.test(text.slice(value.start, value.end))) continue;
    if (!isCertain && !isSecretUnder(name, text.slice(value.start, value.end))) continue;
    out += `${text.slice(from, value.start)}[scrubbed:secret]`;
    from = value.end;
    ASSIGNMENT.lastIndex = value.end;
  }
  return out + text.slice(from);
}

interface Span {
  start: number;
  end: number;
}

interface Named {
  name: string;
  separator: string;
  assignments: Assignments;
  isNamed(name: string): boolean;
}

function valueAt(text: string, start: number, { name, separator, assignments, isNamed }: Named): Span | null {
  if (text.startsWith("[scrubbed:", start)) return null;
  // In "password= token=x" the first name has no value. The second name is found next.
  NEXT.lastIndex = start;
  if (isNamed(NEXT.exec(text)?.[1] ?? "")) return null;
  const opener = /^\\{0,3}["'`]/.exec(text.slice(start, start + 4))?.[0];
  if (opener !== undefined) return { start: start + opener.length, end: closing(text, start + opener.length, opener) };
  if (assignments === "quoted") return null;
  // The value is the rest of the line: a header's value contains blanks, and a list or object that was cut has no end.
  if (/[[{]/.test(text[start] ?? "") || (/authorization$|cookie$/.test(name) && separator.includes(":"))) {
    const end = text.indexOf("\n", start);
    return { start, end: end < 0 ? text.length : end };
  }
  BARE.lastIndex = start;
  const bare = BARE.exec(text)?.[0] ?? "";
  // "token: expected a string" is prose. A password is redacted even if it looks like a word.
  const prose = /:\s+$/.test(separator) && /token|session|signature/.test(name) && /^[a-z']{1,16}$/i.test(bare);
  return bare === "" || prose ? null : { start, end: start + bare.length };
}

/** One word, and after a scheme ("Bearer") the next word too. */
const BARE = /(?:(?:Bearer|Basic|Token|Digest)\s{1,4})?[^\s&,;"'`<>(){}[\]\\]+/iy;

/** Returns the end of the quoted text: the next unescaped quote of the same kind, otherwise the end of the text. */
function closing(text: string, start: number, opener: string): number {
  for (let end = text.indexOf(opener, start); end >= 0; end = text.indexOf(opener, end + 1)) {
    if (opener.startsWith("\\") || text[end - 1] !== "\\" || text[end - 2] === "\\") return end;
  }
  return text.length;
}
