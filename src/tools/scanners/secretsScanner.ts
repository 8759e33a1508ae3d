import { extname } from "node:path";
import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";
import type { Scanner } from "../../domain/ports/scanner.ts";
import { isRandomText } from "../../domain/randomText.ts";
import { type Hit, newHits } from "./newHits.ts";

const PRESET = "@secretlint/secretlint-rule-preset-recommend";

/** Finds keys, tokens and passwords that a patch adds. A finding never contains the secret itself. */
export function createSecretsScanner(): Scanner {
  const scan = async (path: string, content: string) => [...(await secretsIn(path, content)), ...randomIn(content)];
  return { name: "secrets", scan: (change) => newHits(change, scan) };
}

/** A quoted text without blanks. */
const QUOTED = /(["'`])([A-Za-z0-9+/_=.-]{20,512})\1/g;
/** Digests of packages, which lock files and pages have. */
const DIGEST = /^sha(?:1|256|384|512)-/;

/** Quoted texts that only a random generator makes, whatever service they are for. */
function randomIn(content: string): Hit[] {
  return [...content.matchAll(QUOTED)].flatMap(({ index, 2: text = "" }): Hit[] =>
    DIGEST.test(text) || !isRandomText(text.replace(/[./]/g, "-"))
      ? []
      : [
          {
            rule: "secret",
            weight: "hard",
            line: content.slice(0, index).split("\n").length,
            message: "looks like a secret (a random text of high entropy)",
            text,
          },
        ],
  );
}

async function secretsIn(path: string, content: string): Promise<Hit[]> {
  if (content === "") return [];
  const result = await lintSource({
    // A comment in the patch must not switch the rules off. The replacement has the same length, so ranges stay correct.
    source: {
      filePath: `/${path}`,
      content: content.replace(/secretlint/gi, "s_cretlint"),
      ext: extname(path),
      contentType: "text",
    },
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
