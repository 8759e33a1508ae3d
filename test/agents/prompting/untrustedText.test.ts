import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createQuoter, oneLine, randomNonce, short } from "../../../src/agents/prompting/untrustedText.ts";
import { isSecretFile, whyNotEditable } from "../../../src/policy/editablePaths.ts";

describe("quote", () => {
  it("lets no text reach out of its delimiters, whatever nonce it guesses", () => {
    const nonce = fc.stringMatching(/^[0-9a-f]{4,16}$/);
    const parts = (n: string) =>
      fc.array(
        fc.oneof(fc.string(), fc.constantFrom(`</data-${n}>`, `<data-${n} what="x">`, n, n.slice(1), "</data-", "\n")),
      );
    const cases = nonce.chain((n) => parts(n).map((texts) => [n, texts.join("")] as const));
    fc.assert(
      fc.property(cases, ([n, text]) => {
        const [first, ...rest] = createQuoter(n).quote("what", text, 10_000).split("\n");
        expect(first).toBe(`<data-${n} what="what">`);
        expect(rest.at(-1)).toBe(`</data-${n}>`);
        const inside = rest.slice(0, -1).join("\n");
        expect(inside).not.toContain(n);
        expect(inside).not.toMatch(/<\/?data-/i);
      }),
    );
  });

  it("never uses a delimiter twice", () => {
    expect(randomNonce()).not.toBe(randomNonce());
    expect(randomNonce()).toMatch(/^[0-9a-f]{16}$/);
  });
});

it.each([
  ["\u001b[31mred\u001b[0m", "red"],
  ["pay\u202Eton", "payton"],
  ["zero\u200bwidth", "zerowidth"],
  ["tag\u{E0041}\u{E0042}s", "tags"],
  ["bell\u0007 and\ttab\n", "bell and\ttab\n"],
])("cleans %j", (text, clean) => {
  expect(short(text, 100)).toBe(clean);
});

it("caps text after cleaning it, so that invisible characters cannot use up the room", () => {
  expect(short(`${"\u200b".repeat(500)}seen`, 10)).toBe("seen");
  expect(short("x".repeat(30), 10)).toBe(`${"x".repeat(10)} […20 more characters]`);
  expect(oneLine("  a\n\n b ", 10)).toBe("a b");
});

describe("outOfReach", () => {
  const places = ["src/session.js", "scripts/run.sh", ".github/actions/a.js", "package.json", "test/a.test.js"];
  const where = {
    places: [...places, "trigger.mjs"].map((file) => ({ file, line: 1 })),
    protectedPaths: ["src/billing/**"],
    judges: { has: (path: string) => path === "trigger.mjs" },
  };
  it.each([
    ["src/cart.js", null],
    ["src/session.js", null],
    ["src/auth.js", "it is authentication, authorization or cryptography"],
    ["src/billing/a.js", "it is protected by the configuration"],
    ["scripts/run.sh", "it is a shell script"],
    [".github/actions/a.js", "it is a dot-file or dot-folder"],
    ["package.json", "it is a package manifest (scripts and dependencies)"],
    ["test/a.test.js", "it is a test"],
    ["trigger.mjs", "it judges the patch: a command or a test loads it"],
  ])("%s: %s", (path, why) => {
    expect(whyNotEditable(path, where)).toBe(why);
  });
});

it.each([
  ...[".env", "app/.env.production", "keys/id_rsa", "tls/server.pem", ".npmrc", ".envrc", "config/prod.secret.exs"],
  ...["k8s/app-secrets.yaml", "service-account.json", "terraform/main.tfvars", "config/credentials.json"],
])("%s is not shown", (path) => {
  expect(isSecretFile(path)).toBe(true);
});
it.each(["src/env.ts", "src/keyboard.ts", "README.md", "src/service_account.py", "lib/secrets.ex", "src/secrets.ts"])(
  "%s is shown",
  (path) => {
    expect(isSecretFile(path)).toBe(false);
  },
);
