import { isRandomText, isWordy, MIN_RANDOM } from "../../domain/randomText.ts";

const MARK = "[scrubbed:token]";

/** A run that may be a key, if it is long enough. */
const RUN = /[A-Za-z0-9+/_-]{8,}={0,2}/g;
/** How much text before and after a run says what it is, in characters. */
const NEIGHBOURS = 28;

/** Words that say that a random text beside them is an id or a digest, which a reader needs to find things. */
const ID_WORDS =
  /(?:^|[^a-z])(?:commit|sha|sha1|sha256|sha384|sha512|md5|digest|checksum|integrity|etag|trace|traceparent|trace.?id|span|span.?id|revision|rev|release|version|build|image|blob|tree|parent|head|branch|merge|container|overlay2|layer|fingerprint|issue|event|request.?id|correlation.?id|id|ids|uuid|guid|object.?id|order|chunk|chunks|static|assets|_next|bundle|module|webpack|docker|cache|hash)(?:[^a-z]|$)/i;
/** Words that say that it is a secret. They outweigh the others. */
const SECRET_WORDS =
  /secret|token|passw|passphrase|credential|private|apikey|api.key|auth|sign|hmac|master|encrypt|vault|reset|invite|magic|session|bearer|otp|unlock|recover|licen[cs]e/i;
/** The ends of file names with a digest of their content: `app.3f9a1c.js`. */
const FILE_END =
  /^[.-](?:m?js|cjs|css|map|tsx?|jsx?|json|wasm|png|jpe?g|svg|gif|webp|woff2?|ttf|html|chunk|bundle|min)\b/;
const TRACE_PARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const HEX = /^(?:0x)?[0-9a-f]+$|^(?:0X)?[0-9A-F]+$/;
const DIGEST_PREFIX = /^(?:sha(?:1|256|384|512)|md5)[-_=/]/;
/** JSON objects and lists in base64. */
const BASE64_JSON = /^(?:eyJ|eyA|ewog|ewo|W3si|W3s|WyJ)[A-Za-z0-9+/_=-]*$/;

/**
 * Replaces runs of characters that only a random generator makes. Ids and digests stay where a word beside them says
 * what they are. `code`: the text is source code or a name, where only quoted runs, and runs of capitals, small letters
 * and digits, are replaced.
 */
export function redactRandomRuns(text: string, form: "text" | "code"): string {
  if (text.length < MIN_RANDOM) return text;
  return text.replace(RUN, (run: string, at: number) => {
    if (run.length < MIN_RANDOM) return run;
    if (!isPath(run)) return isSecret(run, at, text, form) ? MARK : run;
    let offset = at;
    return run
      .split("/")
      .map((part) => {
        const start = offset;
        offset += part.length + 1;
        return isSecret(part, start, text, form) ? MARK : part;
      })
      .join("/");
  });
}

/** A slash separates the parts of a path. In base64 it is a digit: none of the parts is a word then. */
function isPath(run: string): boolean {
  return run.includes("/") && run.split("/").some((part) => /^[A-Za-z_.-]{3,}$/.test(part) && isWordy(part));
}

function isSecret(part: string, at: number, text: string, form: "text" | "code"): boolean {
  if (part.length < MIN_RANDOM) return false;
  const end = at + part.length;
  if (BASE64_JSON.test(part)) return form === "text" || isQuoted(text, at);
  if (!isRandomText(part) || TRACE_PARENT.test(part) || DIGEST_PREFIX.test(part)) return false;
  if (form === "code" && !isQuoted(text, at) && !isKeyLike(part)) return false;
  const nearby = neighbours(text, at, end);
  if (SECRET_WORDS.test(nearby.replaceAll(/\[scrubbed:[a-z-]{1,20}\]/g, " "))) return true;
  if (/^0x/i.test(part) && HEX.test(part) && part.length <= 18) return false;
  if (FILE_END.test(text.slice(end, end + 12))) return false;
  // 24 hexadecimal digits are the ids of MongoDB.
  if (HEX.test(part) && part.length === 24) return false;
  return !ID_WORDS.test(nearby);
}

function isQuoted(text: string, at: number): boolean {
  return /["'`]/.test(text[at - 1] ?? "");
}

/** Of all character classes, and not a mangled name. */
function isKeyLike(part: string): boolean {
  return part.length >= 24 && /[A-Z]/.test(part) && /[a-z]/.test(part) && /\d.*\d/.test(part) && !/^_/.test(part);
}

function neighbours(text: string, at: number, end: number): string {
  return inWords(`${text.slice(Math.max(0, at - NEIGHBOURS), at)} ${text.slice(end, end + NEIGHBOURS)}`);
}

/** Whether a name says that its value is an id or a digest: `traceId`, `commit`. */
export function isIdName(name: string): boolean {
  return ID_WORDS.test(inWords(name)) && !SECRET_WORDS.test(name);
}

/** `traceId` as `trace Id`. */
function inWords(text: string): string {
  return text.replace(/([a-z])(?=[A-Z])/g, "$1 ");
}
