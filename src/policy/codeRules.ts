import type { ChangedLine } from "./unifiedDiff.ts";

interface CodeRule {
  rule: string;
  message: string;
  /** Has the flag g, and i where needed. A match that ends with "(" is extended to its closing parenthesis. */
  pattern: RegExp;
}

/**
 * Code that the repair of a crash should not newly need. The rules are textual on purpose: they work in every language,
 * also in code that no parser accepts. They can be bypassed, so the reviewer's syntax rules and the sandbox follow
 * them.
 */
const CODE_RULES: readonly CodeRule[] = [
  {
    rule: "newDependency",
    message: "brings in a module that is not a relative file",
    pattern:
      /\b(?:from\s*|import\s*|require\s*\(\s*|import\s*\(\s*)["'`](?![./#]|[@~]\/|node:(?:assert|buffer|events|path|querystring|string_decoder|timers|url|util)\b)[^"'`]+["'`]|^\s*(?:from\s+\w[\w.]*\s+import\b.*|import\s+[\w.]+(?:\s*,\s*[\w.]+)*(?:\s+as\s+\w+)?\s*;?\s*$)|^\s*(?:use|import)\s+[A-Z][\w.]*|^\s*require\s+["'][^"']+["']/g,
  },
  {
    rule: "processSpawn",
    message: "starts a process",
    pattern:
      /\bchild_process\b|\b(?:spawn|execFile|fork)(?:Sync)?\s*\(|\bexecSync\s*\(|(?<![.\w$])exec\s*\(|\bexeca\b|\bnode:(?:worker_threads|cluster)\b|\bSystem\.cmd\s*\(|\bPort\.open\s*\(|\bos\.(?:system|popen|exec\w*|spawn\w*)\s*\(|\bsubprocess\b|\bRuntime\.getRuntime\b|\bProcessBuilder\b|:os\.cmd\s*\(|\bexec\.Command\s*\(/g,
  },
  {
    rule: "networkEgress",
    message: "opens a connection, or names another host",
    pattern:
      /\bfetch\s*\(|\bXMLHttpRequest\b|\bnew\s+(?:WebSocket|EventSource)\s*\(|\bsendBeacon\s*\(|\baxios\b|\bnode:(?:net|tls|dgram|dns|https?|http2)\b|\bhttps?2?\.(?:get|request)\s*\(|\b(?:net|tls)\.(?:connect|createConnection)\s*\(|\bdgram\.|\bdns\.\w+\s*\(|\b(?:requests|httpx)\.(?:get|post|put|patch|delete|head|request)\s*\(|\b(?:urllib|aiohttp)\.\w+|\b(?:HTTPoison|Req|Tesla|Finch|Mint)\.\w+|:(?:httpc|gen_tcp|gen_udp|ssl)\.|\bhttp\.(?:Get|Post|NewRequest)\w*\s*\(|\b(?:https?|wss?|ftp):\/\/[^\s"'`)\\]+/g,
  },
  {
    rule: "dynamicCode",
    message: "runs text as code, or reaches for a name that is put together",
    pattern:
      /\beval\s*\(|\(\s*0\s*,\s*eval\b|\bFunction\s*\(|\.constructor\s*(?:\(|\[|\.constructor)|\[\s*["'`]constructor["'`]\s*\]|\bnode:vm\b|\bvm\.(?:runIn\w+|Script|compileFunction)\b|\b(?:globalThis|window|global)\s*\[|\bReflect\.(?:get|apply|construct)\s*\(|\bset(?:Timeout|Interval)\s*\(\s*["'`]|\b(?:require|import)\s*\(\s*(?![\s"'`])|\bprocess\.(?:binding|dlopen|mainModule)\b|\bWebAssembly\b|\bCode\.eval_\w+\s*\(|\bString\.to_atom\s*\(|:erlang\.binary_to_term\s*\(|(?<![.\w])exec\s*\(|\b__import__\s*\(|\bpickle\.loads?\s*\(/g,
  },
  {
    rule: "environmentRead",
    message: "reads the environment",
    pattern:
      /\bprocess\s*(?:\?\.|\.)\s*env(?:\.\w+)?|\bprocess\s*\[|\bimport\.meta\.env(?:\.\w+)?|\bDeno\.env\b|\bBun\.env\b|\bSystem\.(?:get_env|fetch_env!?)\s*\(|\bApplication\.(?:get|fetch)_env!?\s*\(|\bos\.(?:environ|getenv|Getenv)\b|\bgetenv\s*\(|\bENV\s*\[/g,
  },
  {
    rule: "fileWrite",
    message: "writes to or removes from the file system",
    pattern:
      /\b(?:writeFile|appendFile|unlink|rmdir|chmod|chown|symlink|copyFile)(?:Sync)?\s*\(|\bcreateWriteStream\s*\(|\brm(?:Sync)?\s*\(|\bFile\.(?:write|rm|rm_rf|cp)!?\s*\(|\bshutil\.\w+\s*\(|\bos\.(?:remove|unlink)\s*\(/g,
  },
  {
    rule: "validationOff",
    message: "turns a check of the platform off",
    pattern:
      /rejectUnauthorized\s*:\s*false|NODE_TLS_REJECT_UNAUTHORIZED|verify\s*=\s*False|verify_none|InsecureSkipVerify|dangerouslySetInnerHTML|\.(?:inner|outer)HTML\s*=|@ts-(?:ignore|nocheck)|eslint-disable|biome-ignore|\bnoqa\b|\bcredo:disable/g,
  },
  {
    rule: "crashSilenced",
    message: "swallows errors instead of repairing what causes them",
    pattern:
      /\bcatch\s*(?:\(\s*\w*\s*\))?\s*\{\s*\}|\.catch\s*\(\s*(?:\(\s*\w*\s*\)|\w+)\s*=>\s*(?:\{\s*\}|null|undefined|void 0)\s*\)|\bexcept(?:\s+\w+)?\s*:\s*pass\b|\brescue\s+_\s*->|uncaughtException|unhandledRejection|process\.exit\s*\(/g,
  },
];

/** Words of code that decides about permissions and secrets. */
const GUARD =
  /authenticat|authori[sz]|isadmin|csrf|passw(?:or)?d|hmac|jwt|credential|timingsafeequal|(?:has|check)(?:permission|role|access)|verify(?:token|signature|password|hash|session|user|request)|apikey|accesstoken|create(?:hash|cipher|sign)|privatekey/i;

/**
 * Whether a changed line, or the name of its function, concerns permissions or secrets. Added and removed lines count
 * alike.
 */
export function touchesGuard(text: string): boolean {
  return GUARD.test(text.replace(/[_-]/g, ""));
}

/** Longer lines are not matched against patterns; they are a finding of their own. Characters. */
export const MAX_LINE = 2000;

/**
 * The rules that the added lines newly hit. A hit whose text is also in a removed line of the file does not count,
 * because the code was there before.
 */
export function codeHits(
  added: readonly ChangedLine[],
  removed: readonly ChangedLine[],
): { rule: string; line: number; message: string }[] {
  const before = new Set(removed.flatMap(({ text }) => CODE_RULES.flatMap((rule) => excerptsOf(rule, text))));
  const hits = [];
  for (const { line, text } of added) {
    for (const rule of CODE_RULES) {
      const fresh = excerptsOf(rule, text).find((excerpt) => !before.has(excerpt));
      if (fresh !== undefined) hits.push({ rule: rule.rule, line, message: rule.message });
    }
  }
  return hits;
}

/**
 * The matched text with its arguments. So `await fetch(url)` is equal to a removed `fetch(url)`, and `fetch(other)` is
 * new.
 */
function excerptsOf(rule: CodeRule, text: string): string[] {
  if (text.length > MAX_LINE) return [];
  return [...text.matchAll(rule.pattern)].map((match) => {
    const end = match.index + match[0].length;
    const whole = match[0].endsWith("(") ? match[0] + argumentsAt(text, end) : match[0];
    return `${rule.rule} ${whole.replace(/\s+/g, "")}`;
  });
}

/** The text after an opening parenthesis up to and including the closing one, or to the end of the line. */
function argumentsAt(text: string, start: number): string {
  let depth = 1;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth === 0) return text.slice(start, at + 1);
  }
  return text.slice(start);
}
