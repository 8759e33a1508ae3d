import type { SgNode } from "@ast-grep/napi";
import type { Finding } from "../domain/evidence.ts";
import { otherLanguageOf, parseAny } from "../syntax/grammars.ts";
import { findKinds, operatorOf } from "../syntax/scriptNodes.ts";
import { isScript, lineAt, type Source, spanOf } from "../syntax/source.ts";

/** A file before and after a change; null: it is not there. */
interface Change {
  path: string;
  before: string | null;
  after: string | null;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/**
 * Names through which code reaches a process, the network, the file system, the environment, other code or the shared
 * objects of the language. Default-deny: the repair of a crash does not newly need them.
 */
const NAMES = {
  script: words(`
    eval Function constructor process globalThis global window self top require module exports getBuiltinModule binding
    dlopen mainModule __proto__ prototype __defineGetter__ __defineSetter__ __lookupGetter__ defineProperty
    defineProperties setPrototypeOf getPrototypeOf Reflect Proxy fetch XMLHttpRequest WebSocket EventSource sendBeacon
    navigator importScripts Worker SharedWorker WebAssembly exec execSync execFile execFileSync spawn spawnSync fork
    innerHTML outerHTML insertAdjacentHTML srcdoc document write writeln dangerouslySetInnerHTML localStorage
    sessionStorage indexedDB cookie callee caller env argv Deno Bun writeFile writeFileSync appendFile appendFileSync
    createWriteStream unlink unlinkSync rm rmSync rmdir rmdirSync chmod chmodSync chown symlink symlinkSync rename
    renameSync copyFile copyFileSync truncate mkdir mkdirSync openSync createServer listen kill abort exit
    child_process worker_threads cluster vm net tls dgram dns http http2 https inspector repl v8 module fs sys
    setInterval setTimeout setImmediate queueMicrotask postMessage import meta location href rejectUnauthorized
    NODE_TLS_REJECT_UNAUTHORIZED execPath hrtime emitWarning stdout stderr
  `),
  python: words(`
    eval exec compile __import__ importlib import_module globals locals vars setattr delattr __builtins__ builtins
    __class__ __bases__ __subclasses__ __globals__ __dict__ __code__ __mro__ __getattribute__ __reduce__ open os sys
    subprocess socket ctypes pickle marshal shelve shutil requests httpx aiohttp urllib http ftplib smtplib telnetlib
    system popen spawn spawnl execv fork kill environ getenv putenv remove unlink rmdir rename chmod chown symlink
    pathlib Path write_text write_bytes tempfile multiprocessing threading asyncio signal atexit gc inspect code codeop
    pty platform webbrowser input breakpoint exit quit yaml mark_safe Markup safe extra raw RawSQL cursor execute
  `),
  elixir: words(`
    System Code Port File Path Node Process Application Task Agent GenServer Supervisor Module Function Macro Mix IEx
    apply spawn spawn_link spawn_monitor send exit throw :os :erlang :file :httpc :gen_tcp :gen_udp :ssl :inets :rpc :code
    :ets :dets :persistent_term :application :init :net_adm :net_kernel HTTPoison Req Tesla Finch Mint import require use
    eval_string eval_quoted compile_string to_atom binary_to_term cmd shell open raw defmacro quote unquote
  `),
} as const;

/**
 * Names that a repair may try in the sandbox: a missing import, a browser object. A person is still asked. Everything
 * else is `newCapability`: a brain's edit with it is not run at all.
 */
const MILD = words(`
  fs http https module exports require import meta document cookie location href top self window prototype setTimeout
  setInterval setImmediate queueMicrotask open Path pathlib os sys signal input safe raw extra setattr vars asyncio
  threading Module Task Agent GenServer Supervisor Application use File throw exit send write
`);

type Family = keyof typeof NAMES;

const LEAVES: Readonly<Record<Family, readonly string[]>> = {
  script: [
    "identifier",
    "property_identifier",
    "shorthand_property_identifier",
    "shorthand_property_identifier_pattern",
    "private_property_identifier",
    "import",
    "statement_identifier",
  ],
  python: ["identifier"],
  elixir: ["identifier", "alias", "atom"],
};

/**
 * Names of reach that a change newly contains, in whatever spelling: escapes are decoded, texts that are put together
 * from constants are folded, and a text that is exactly such a name counts like the name. A name counts as new if it
 * occurs more often than before. Files of other languages give nothing; the closed list does not admit them. Never
 * throws.
 */
export function newCapabilities(changes: readonly Change[]): Finding[] {
  return changes.flatMap(({ path, before, after }) => {
    const family = familyOf(path);
    const now = after === null ? null : parseAny(path, after);
    if (family === null || now === null) return [];
    const old = before === null ? null : parseAny(path, before);
    const known = new Map<string, number>();
    for (const { name } of old === null ? [] : namesIn(old, family)) known.set(name, (known.get(name) ?? 0) + 1);
    const found: Finding[] = [];
    for (const { name, node } of namesIn(now, family)) {
      const left = known.get(name) ?? 0;
      known.set(name, left - 1);
      if (left > 0 || (MILD.has(name) && isReadAgain(node, before ?? ""))) continue;
      const line = lineAt(now, spanOf(node).start);
      found.push({
        rule: MILD.has(name) ? "newReference" : "newCapability",
        weight: "soft",
        path,
        line,
        message: `newly reaches for \`${name}\``,
      });
    }
    return found;
  });
}

/** `field.meta` where the file already reads `field.meta`: a guard asks about what is read anyway. */
function isReadAgain(node: SgNode, before: string): boolean {
  const chain = node.kind() === "property_identifier" ? node.parent() : null;
  if (chain?.kind() !== "member_expression" || !/^[\w$]+(?:\??\.[\w$]+)+$/.test(chain.text())) return false;
  const read = chain.text().replaceAll("?", "").replace(/[.$]/g, "\\$&");
  return new RegExp(`(?<![\\w$.])${read}(?![\\w$])`).test(before.replace(/[?!](?=\.)/g, ""));
}

function familyOf(path: string): Family | null {
  return isScript(path) ? "script" : otherLanguageOf(path);
}

function namesIn({ root }: Source, family: Family): { name: string; node: SgNode }[] {
  const wanted = NAMES[family];
  const leaves = findKinds(root, ...LEAVES[family]).map((node) => ({ name: decoded(node.text()), node }));
  const texts = constantTexts(root, family);
  return [...leaves, ...texts]
    .flatMap(({ name, node }) => name.split(/[./:\s]+/).map((part) => ({ name: part, node, whole: name })))
    .filter(({ name, whole }) => wanted.has(name) || wanted.has(whole))
    .map(({ name, node, whole }) => ({ name: wanted.has(whole) ? whole : name, node }));
}

/** `\u0065val` → eval. */
function decoded(text: string): string {
  return text
    .replace(
      /\\u\{([0-9a-f]{1,6})\}|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})/gi,
      (whole, ...codes: (string | undefined)[]) => {
        const code = Number.parseInt(codes.slice(0, 3).find((one) => one !== undefined) ?? "", 16);
        return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      },
    )
    .replace(/\\([0-7]{1,3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .replace(/\\\r?\n/g, "")
    .replace(/\\(.)/g, "$1")
    .normalize("NFKC");
}

/** Texts of the file that are constants, put together where the parts are constants: `"child_" + "process"`. */
function constantTexts(root: SgNode, family: Family): { name: string; node: SgNode }[] {
  const kinds = {
    script: ["string", "template_string", "binary_expression", "call_expression"],
    python: ["string", "binary_operator", "concatenated_string", "call"],
    elixir: ["string", "charlist", "binary_operator", "quoted_atom"],
  }[family];
  return findKinds(root, ...kinds).flatMap((node) => {
    const text = fold(node);
    return text === null || text.length > MAX_NAME || !/^[\w$:./-]+$/.test(text)
      ? []
      : [{ name: text.replace(/^node:/, ""), node }];
  });
}

/** No name of the lists is longer. Longer texts are prose. */
const MAX_NAME = 60;

/** The value of a constant expression of texts; null: it is not one. */
function fold(node: SgNode): string | null {
  const kind = String(node.kind());
  const parts = node.namedChildren().filter((child) => child.kind() !== "comment");
  if (/^(?:string|charlist|quoted_atom|template_string)$/.test(kind)) {
    const inner = parts.map((part) =>
      /^(?:template_substitution|interpolation)$/.test(String(part.kind()))
        ? fold(part.namedChildren()[0] ?? part)
        : /^string_(?:start|end)$/.test(String(part.kind()))
          ? ""
          : decoded(part.text()),
    );
    return inner.some((part) => part === null) ? null : inner.join("");
  }
  if (kind === "parenthesized_expression" || kind === "block")
    return parts.length === 1 && parts[0] !== undefined ? fold(parts[0]) : null;
  if (kind === "binary_expression" || kind === "binary_operator") {
    if (
      !/^(?:\+|<>|\+\+)$/.test(
        operatorOf(node) ||
          (node
            .children()
            .find((child) => !child.isNamed())
            ?.text() ??
            ""),
      )
    )
      return null;
    return joined(parts, "");
  }
  if (kind === "concatenated_string") return joined(parts, "");
  return kind === "call_expression" || kind === "call" ? foldCall(node) : null;
}

/** `["a", "b"].join("")`, `"x".concat("y")`, `String.fromCharCode(101)`, `atob("…")`, `"".join([…])`, `chr(101)`. */
function foldCall(call: SgNode): string | null {
  const callee = call.field("function");
  const args = (call.field("arguments")?.namedChildren() ?? []).filter((child) => child.kind() !== "comment");
  const name = callee?.text() ?? "";
  if (/^(?:String\.from(?:Char|CodePoint|CharCode)\w*|chr)$/.test(name)) {
    const codes = args.map((arg) => Number(arg.text()));
    return codes.every((code) => Number.isInteger(code) && code > 0 && code <= 0x10ffff)
      ? String.fromCodePoint(...codes)
      : null;
  }
  const [first] = args;
  if (name === "atob" && first !== undefined) {
    const text = fold(first);
    return text === null ? null : Buffer.from(text, "base64").toString("latin1");
  }
  const object = callee?.field("object") ?? null;
  const method = (callee?.field("property") ?? callee?.field("attribute"))?.text();
  if (object === null) return null;
  if (method === "concat") return joined([object, ...args], "");
  if (method !== "join") return null;
  const [list, separator] = /^(?:array|list)$/.test(String(object.kind())) ? [object, first] : [first, object];
  if (list === undefined || !/^(?:array|list|tuple)$/.test(String(list.kind()))) return null;
  const between = separator === undefined ? "," : fold(separator);
  return between === null ? null : joined(list.namedChildren(), between);
}

function joined(nodes: readonly SgNode[], between: string): string | null {
  const texts = nodes.map(fold);
  return texts.some((text) => text === null) ? null : texts.join(between);
}
