import { lintSource } from "@secretlint/core";
import { creator as preset } from "@secretlint/secretlint-rule-preset-recommend";
import type { ChatTurn } from "../../domain/ports/chatModel.ts";

const CONFIG = { rules: [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: preset, options: {} }] };
/**
 * A comment in the text must not switch the rules off. The replacement has the same length, so that ranges stay
 * correct.
 */
const DIRECTIVE = /secretlint/gi;
const MASK = "[masked]";

/**
 * Masks known forms of credentials (tokens, private keys, connection strings) and the endpoint's own key, before a text
 * is sent to a model. This is the last of several layers: Events are scrubbed at ingest.
 */
async function maskSecrets(text: string, apiKey: string): Promise<string> {
  const known = withoutKey(text, apiKey, MASK);
  const { messages } = await lintSource({
    source: {
      filePath: "/prompt.txt",
      ext: ".txt",
      content: known.replace(DIRECTIVE, "s_cretlint"),
      contentType: "text",
    },
    options: { config: CONFIG, locale: "en" },
  });
  return messages
    .map((message) => known.slice(...message.range))
    .filter((secret) => secret.trim() !== "")
    .reduce((masked, secret) => masked.replaceAll(secret, MASK), known);
}

/**
 * Replaces the endpoint's key. A key of fewer than 8 characters is left: servers that need no key get a word such as
 * "none".
 */
export function withoutKey(text: string, apiKey: string, mask: string): string {
  return apiKey.length < 8 ? text : text.replaceAll(apiKey, mask);
}

/** Masks turns, each only once: a tool loop sends the same history again and again. */
export function createTurnMask(apiKey: string): (turns: readonly ChatTurn[]) => Promise<ChatTurn[]> {
  const done = new WeakMap<ChatTurn, ChatTurn>();
  return (turns) =>
    Promise.all(
      turns.map(async (turn) => {
        const masked = done.get(turn) ?? { ...turn, content: await maskSecrets(turn.content, apiKey) };
        done.set(turn, masked);
        return masked;
      }),
    );
}
