import { nodeStackLineParser } from "@sentry/core/server";
import type { Platform, StackFrame } from "../../domain/event.ts";
import { frameOf, type RawFrame } from "./frame.ts";

/** Limits of what the patterns below read. Longer lines are not frames, and the domain keeps 200 frames. */
const MAX_LINE = 1024;
const MAX_FRAMES = 200;
/** Characters of a stack that are read: 200 long lines. A longer one is cut where its oldest frames are. */
const MAX_STACK = 100_000;

type LineReader = (line: string) => RawFrame | null;

/**
 * Parses a stack as the runtime printed it into frames, newest first. `header` (`Type: value`) is skipped if the text
 * starts with it, so that a message that looks like a frame is not read as one. Lines that are not frames are ignored.
 */
export function parseStack(text: string, platform: Platform, header: string): StackFrame[] {
  const format = platform === "other" ? platformOfStack(text) : platform;
  const whole = text.startsWith(header) ? text.slice(header.length) : text;
  // Python prints the newest call last.
  const body = format === "python" ? whole.slice(-MAX_STACK) : whole.slice(0, MAX_STACK);
  const frames = framesOf(section(body, format), READERS[format]);
  if (format === "python") frames.reverse();
  return frames.slice(0, MAX_FRAMES).map((frame) => frameOf(frame, format));
}

/** Detects the platform by the format of a stack; `other` if the format is unknown. */
export function platformOfStack(text: string): Platform {
  const start = text.slice(0, 16_384);
  if (start.includes("Traceback (most recent call last)") || /^ {2}File "/m.test(start)) return "python";
  if (/^goroutine \d/m.test(start)) return "go";
  if (/^\s{0,8}at [\w.$/<>]{1,300}\([\w$]{1,100}\.(?:java|kt|scala):\d/m.test(start)) return "java";
  if (/^\s{0,8}(?:\([\w .+-]{1,80}\) )?[\w./@-]{1,300}\.(?:exs?|erl|eex|heex):\d{1,7}: /m.test(start)) return "elixir";
  if (/(?:@|\(|at )https?:\/\//.test(start)) return "browser";
  return /^\s{0,8}at /m.test(start) ? "node" : "other";
}

function framesOf(lines: readonly string[], read: LineReader): RawFrame[] {
  const frames: RawFrame[] = [];
  for (const line of lines) {
    const frame = line.length > MAX_LINE ? null : read(line);
    if (frame !== null) frames.push(frame);
  }
  return frames;
}

/** The lines of the captured exception, without those of its causes and of other goroutines. */
function section(text: string, platform: Platform): string[] {
  if (platform === "python") return text.slice(text.lastIndexOf("Traceback (most recent call last)") + 1).split("\n");
  if (platform === "go") return goLines(text);
  if (platform === "java") return (text.split(/^\s{0,8}Caused by: /m)[0] ?? "").split("\n");
  return text.split("\n");
}

/**
 * Joins the two lines of each Go frame for the reader: Go prints the function on one line and the place on the next.
 */
function goLines(text: string): string[] {
  const start = text.search(/^goroutine \d/m);
  const lines = (start < 0 ? text : text.slice(start)).split("\n");
  const end = lines.findIndex((line, i) => i > 0 && line.trim() === "");
  const own = end < 0 ? lines : lines.slice(0, end);
  return own.flatMap((line, i) => (line.startsWith("\t") ? [`${own[i - 1] ?? ""}${line}`] : []));
}

const [, readV8Line] = nodeStackLineParser();

const readV8: LineReader = (line) => {
  if (!/^\s{0,16}at /.test(line)) return null;
  const frame = readV8Line(line);
  if (frame === undefined) return null;
  return {
    file: frame.filename,
    function: frame.function,
    line: frame.lineno,
    column: frame.colno,
    inApp: frame.filename === undefined ? false : undefined,
  };
};

/** Reads a line of Firefox or Safari: `function@url:line:column`. */
const readGecko: LineReader = (line) => {
  const at = line.lastIndexOf("@");
  const place = /^(.{1,900}?)(?::(\d{1,7}))?(?::(\d{1,7}))?$/.exec(line.slice(at + 1));
  if (at < 0 || place === null) return null;
  return { file: place[1], function: line.slice(0, at), line: number(place[2]), column: number(place[3]) };
};

const readElixir: LineReader = (line) => {
  const found = /^\s{0,8}(?:\(([\w-]{1,64})(?: [\w.+-]{1,40})?\) )?([\w./@-]{1,300}):(\d{1,7}): (.{1,900})$/.exec(line);
  if (found === null || !/\.(?:exs?|erl|eex|heex)$/.test(found[2] ?? "")) return null;
  return {
    file: found[2],
    function: withoutArguments(found[4] ?? ""),
    line: number(found[3]),
    inApp: ELIXIR_LIBRARIES.has(found[1] ?? "") ? false : undefined,
  };
};

/**
 * OTP applications whose frames are never the app's own. They are listed because a dependency prints its files as an
 * app does.
 */
const ELIXIR_LIBRARIES = new Set(
  "elixir stdlib kernel erts compiler logger mix ex_unit eex iex plug plug_cowboy cowboy bandit thousand_island ranch phoenix phoenix_live_view phoenix_html ecto ecto_sql db_connection postgrex jason telemetry absinthe oban broadway gen_stage tesla finch mint req".split(
    " ",
  ),
);

/** `f(%{password: "x"}, 1)` → `f/2`. Elixir prints arguments inline; they break grouping and contain secrets. */
function withoutArguments(call: string): string {
  const open = call.indexOf("(");
  if (open < 0 || !call.endsWith(")") || /^\(?anonymous fn\//.test(call)) return call;
  const given = call.slice(open + 1, -1);
  let depth = 0;
  let count = given.trim() === "" ? 0 : 1;
  for (const char of given) {
    if ("([{<".includes(char)) depth++;
    else if (")]}>".includes(char)) depth--;
    else if (char === "," && depth === 0) count++;
  }
  return `${call.slice(0, open)}/${count}`;
}

const readPython: LineReader = (line) => {
  const found = /^\s{0,16}File "([^"]{1,900})", line (\d{1,7})(?:, in (.{1,256}))?$/.exec(line);
  return found === null ? null : { file: found[1], function: found[3], line: number(found[2]) };
};

const readGo: LineReader = (line) => {
  const [call = "", place = ""] = line.split("\t");
  const found = /^(.{1,900}\.go):(\d{1,7})(?: \+0x[0-9a-f]{1,16})?$/.exec(place);
  if (found === null) return null;
  const open = call.endsWith(")") ? call.lastIndexOf("(") : -1;
  const name = open > 0 ? call.slice(0, open) : call;
  return {
    file: found[1],
    function: name.replace(/^created by /, "").replace(/ in goroutine \d+$/, ""),
    line: number(found[2]),
  };
};

const readJava: LineReader = (line) => {
  const found = /^\s{0,8}at (?:[\w.@-]{1,100}\/{1,2}){0,2}([\w.$<>]{1,400})\(([^():]{1,200})(?::(\d{1,7}))?\)$/.exec(
    line,
  );
  if (found === null) return null;
  const name = found[1] ?? "";
  const folder = name.split(".").slice(0, -2).join("/");
  const file = /\.\w+$/.test(found[2] ?? "") ? `${folder === "" ? "" : `${folder}/`}${found[2]}` : undefined;
  return { file, function: name, line: number(found[3]) };
};

const readBrowser: LineReader = (line) => readV8(line) ?? (line.includes("@") ? readGecko(line.trim()) : null);

const READERS: Record<Platform, LineReader> = {
  node: readV8,
  browser: readBrowser,
  elixir: readElixir,
  python: readPython,
  go: readGo,
  java: readJava,
  other: readV8,
};

function number(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}
