import type { ChatTurn, ToolCall, ToolSpec } from "../../domain/ports/chatModel.ts";
import { toolOf } from "./wireFormat.ts";

/** A plain-text reply, parsed: the words before its calls, and the calls; or the fault. */
export type TextReply =
  | { kind: "read"; text: string; toolCalls: Omit<ToolCall, "id">[] }
  | { kind: "fault"; fault: string };

/** More calls in one reply are a loop and not progress. */
const MAX_CALLS = 10;

const OPENING = /<tool_call>|^```(?:tool_call|json)[ \t]*\r?$/m;
const THOUGHT = /<think>[\s\S]*?<\/think>/g;

/**
 * Parses tool calls from plain text: `<tool_call>` blocks or JSON fences at the end of the reply. If one block is not
 * exactly a call, or text follows the calls, the whole reply is a fault: a half-understood reply is not carried out.
 */
export function readTextReply(said: string): TextReply {
  const text = said.replace(THOUGHT, "").trim();
  if (/<\/?think>/.test(text)) return fault("its thinking has no end");
  const begin = beginOfCalls(text);
  if (typeof begin === "object") return begin;
  const words = text.slice(0, begin).trim();
  if (/<\/?tool_call/.test(words)) return fault("a tool_call tag stands where none can");
  const toolCalls: Omit<ToolCall, "id">[] = [];
  for (let rest = text.slice(begin).trim(); rest !== ""; ) {
    const block = blockAt(rest);
    if (block === null) return fault("a call is not closed, or is followed by other text");
    const call = callOf(block.body);
    if (call === null) return fault('a call is not exactly {"name": "…", "arguments": {…}}');
    toolCalls.push(call);
    rest = rest.slice(block.length).trim();
  }
  return toolCalls.length > MAX_CALLS
    ? fault(`it has more than ${MAX_CALLS} calls`)
    : { kind: "read", text: words, toolCalls };
}

/**
 * The index of the first call; the end of the text when there is none. A JSON fence that is not a call is an example.
 */
function beginOfCalls(text: string): number | TextReply {
  for (let from = 0; ; ) {
    const found = OPENING.exec(text.slice(from));
    if (found === null) return text.length;
    const at = from + found.index;
    const block = blockAt(text.slice(at));
    if (block === null) return fault("a call, or a fence, is not closed");
    if (!found[0].startsWith("```json") || callOf(block.body) !== null) return at;
    from = at + block.length;
  }
}

const BLOCK = /^(?:<tool_call>([\s\S]*?)<\/tool_call>|```(?:tool_call|json)[ \t]*\r?\n([\s\S]*?)^```[ \t]*\r?$)/m;

/** The block at the start of a text. */
function blockAt(text: string): { body: string; length: number } | null {
  const found = BLOCK.exec(text);
  if (found === null || found.index !== 0) return null;
  return { body: found[1] ?? found[2] ?? "", length: found[0].length };
}

function callOf(body: string): Omit<ToolCall, "id"> | null {
  const value = parsed(body);
  if (!isObject(value) || Object.keys(value).sort().join() !== "arguments,name") return null;
  const { name, arguments: args } = value;
  return typeof name === "string" && /^[\w-]{1,64}$/.test(name) && isObject(args) ? { name, args } : null;
}

/** The single JSON value of a reply, bare or in one fence; undefined for any other reply. */
export function onlyJson(said: string): unknown {
  const text = said.replace(THOUGHT, "").trim();
  const fenced = /^```(?:json)?[ \t]*\r?\n([\s\S]*?)\r?\n```$/.exec(text)?.[1];
  return parsed(fenced ?? text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fault(what: string): { kind: "fault"; fault: string } {
  return { kind: "fault", fault: what };
}

/**
 * Rewrites turns for a server that does not support tools. The system turn describes the tools, and calls and results
 * become text. Consecutive turns of one role are joined, as many chat templates require.
 */
export function turnsInWords(turns: readonly ChatTurn[], tools: readonly ToolSpec[]): ChatTurn[] {
  const names = new Map(turns.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id, name }) => [id, name])));
  const plain = turns.map((turn): ChatTurn => {
    if (turn.role === "system") return { role: "system", content: `${turn.content}\n\n${toolsInWords(tools)}` };
    if (turn.role === "user") return { role: "user", content: withoutMarks(turn.content) };
    if (turn.role === "assistant") return { role: "assistant", content: assistantText(turn) };
    const name = names.get(turn.toolCallId ?? "") ?? "the tool";
    return { role: "user", content: `Result of ${name}:\n${withoutMarks(turn.content)}` };
  });
  const joined: ChatTurn[] = [];
  for (const turn of plain) {
    const last = joined.at(-1);
    if (last?.role !== turn.role) joined.push(turn);
    else joined.splice(-1, 1, { role: turn.role, content: `${last.content}\n\n${turn.content}` });
  }
  return joined;
}

function assistantText({ content, toolCalls = [] }: ChatTurn): string {
  const calls = toolCalls.map(({ name, args }) => blockOf(JSON.stringify({ name, arguments: args })));
  return [content, ...calls].filter((part) => part !== "").join("\n");
}

/** Breaks up call marks in text that others wrote, so that it does not look like a call, even if a model repeats it. */
function withoutMarks(text: string): string {
  return text.replace(/<(\/?)(tool_call|think)/gi, "<·$1$2").replaceAll("```", "'''");
}

function blockOf(json: string): string {
  return `<tool_call>\n${json}\n</tool_call>`;
}

function toolsInWords(tools: readonly ToolSpec[]): string {
  const list = tools.map((tool) => {
    const { name, description, parameters } = toolOf(tool).function;
    return `- ${name}: ${description} Arguments: ${JSON.stringify(parameters)}`;
  });
  return [
    "You use a tool by ending your reply with a block of this form, one a call, and nothing behind it:",
    blockOf('{"name": "the tool", "arguments": {}}'),
    "The block holds one JSON object with these two members; line ends inside of texts are \\n. The tools:",
    ...list,
  ].join("\n");
}
