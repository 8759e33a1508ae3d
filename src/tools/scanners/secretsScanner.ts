import { extname } from "node:path";
import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";
import type { Scanner } from "../../domain/ports/scanner.ts";
import { type Hit, newHits } from "./newHits.ts";

const PRESET = "@secretlint/secretlint-rule-preset-recommend";

/** Finds keys, tokens and passwords that a patch adds. A finding never contains the secret itself. */
export function createSecretsScanner(): Scanner {
  return { name: "secrets", scan: (change) => newHits(change, secretsIn) };
}

async function secretsIn(path: string, content: string): Promise<Hit[]> {
  if (content === "") return [];
  const result = await lintSource({
    source: { filePath: `/${path}`, content, ext: extname(path), contentType: "text" },
    options: { config: { rules: [{ id: PRESET, rule: creator }] }, noPhysicFilePath: true },
  });
  return result.messages.map((message) => ({
    rule: "secret",
    weight: "hard",
    line: message.loc.start.line,
    message: `looks like a secret (${message.messageId ?? message.ruleId})`,
    text: content.slice(message.range[0], message.range[1]),
  }));
}
