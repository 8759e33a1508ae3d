import type { Receipt, ReceiptLine, ReceiptPart } from "./receipt.ts";

const TITLES: Record<ReceiptPart, string> = {
  cause: "Cause",
  change: "Why this fix",
  rejected: "Tried and turned down",
  evidence: "What was observed",
  tests: "Tests, before and after",
  reach: "Who calls what was changed",
  decision: "Who decided",
  rollback: "How to go back",
  cost: "Cost",
};

/**
 * Renders a receipt as Markdown for pull requests, hand-overs and chats. Texts of others are quoted, and all of their
 * markup is escaped.
 */
export function receiptMarkdown(explanation: Receipt): string {
  const parts = (Object.keys(TITLES) as ReceiptPart[]).flatMap((part) => {
    const lines = explanation.parts[part];
    return lines.length === 0 ? [] : [`## ${TITLES[part]}\n\n${lines.map(item).join("\n")}`];
  });
  const unchecked = explanation.notChecked.map((name) => `- ${escaped(name)}`);
  return `${[
    `# ${quoted(explanation.title)}`,
    `Ticket \`${explanation.ticketId}\` of ${escaped(explanation.service)}: ${explanation.state}, evidence ${explanation.grade ?? "none"}`,
    ...parts,
    `## Not checked\n\n${unchecked.length === 0 ? "- nothing left out" : unchecked.join("\n")}`,
  ].join("\n\n")}\n`;
}

function item({ label, said, code, quote, block }: ReceiptLine): string {
  const words = [
    said === undefined ? "" : escaped(said),
    code === undefined ? "" : codeSpan(code),
    quote === undefined || quote === "" ? "" : quoted(quote),
  ].filter((part) => part !== "");
  const head = `- **${escaped(label)}**${words.length === 0 ? "" : `: ${words.join(" ")}`}`;
  return block === undefined ? head : `${head}\n\n${fenced(block)}\n`;
}

function quoted(text: string): string {
  return `“${escaped(text)}”`;
}

/**
 * Escapes text so that no Markdown reader interprets it. Hosts look for mentions and issue numbers in the rendered
 * text, where escapes have no effect, so `@` and `#` are replaced by their full-width forms.
 */
function escaped(text: string): string {
  return text
    .replace(/[\\`*_[\]<>|~$]/g, "\\$&")
    .replace(/^[-+=#]/, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/@/g, "＠")
    .replace(/#(?=\d)/g, "＃")
    .replace(/:\/\//g, "&#58;//")
    .replace(/\bwww\./gi, "www&#46;");
}

/** A code span with a fence longer than any run of backticks in the code. */
function codeSpan(code: string): string {
  const fence = "`".repeat(longestRun(code, /`+/g) + 1);
  const pad = code.startsWith("`") || code.endsWith("`") ? " " : "";
  return `${fence}${pad}${code}${pad}${fence}`;
}

/** A fenced block inside a list item. */
function fenced(block: string): string {
  const fence = "~".repeat(Math.max(3, longestRun(block, /~+/g) + 1));
  return [`${fence}text`, ...block.split("\n"), fence].map((one) => `  ${one}`).join("\n");
}

function longestRun(text: string, runs: RegExp): number {
  return Math.max(0, ...[...text.matchAll(runs)].map((run) => run[0].length));
}
