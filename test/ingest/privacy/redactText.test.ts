import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redactText } from "../../../src/ingest/privacy/redactText.ts";
import { cpuMs } from "../../helpers/patience.ts";

describe("redactText", () => {
  test.each([
    ["password=hunter2 rest", "password=[scrubbed:secret] rest"],
    ['{"password": "hunter 2", "a": 1}', '{"password": "[scrubbed:secret]", "a": 1}'],
    ['{\\"token\\":\\"a b\\",\\"a\\":1}', '{\\"token\\":\\"[scrubbed:secret]\\",\\"a\\":1}'],
    ['{"secret":"cut he', '{"secret":"[scrubbed:secret]'],
    ["Authorization: Bearer abc.def-1", "Authorization: [scrubbed:secret]"],
    ["sent Bearer abcdef0123456789", "sent Bearer [scrubbed:token]"],
    ["token=Bearer abcdef0123456789", "token=[scrubbed:secret]"],
    ["Cookie: a=b; c=d\nnext", "Cookie: [scrubbed:secret]\nnext"],
    ["/a?api_key=1&b=2", "/a?api_key=[scrubbed:secret]&b=2"],
    ["postgres://app:s3cret@db/x", "postgres://[scrubbed:credentials]@db/x"],
    ["key AKIAIOSFODNN7EXAMPLE!", "key [scrubbed:aws-key]!"],
    [`x ghp_${"a1".repeat(18)} y`, "x [scrubbed:github-token] y"],
    ["eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJ done", "[scrubbed:jwt] done"],
    ["a -----BEGIN RSA PRIVATE KEY-----\nMII-x\n-----END RSA PRIVATE KEY----- b", "a [scrubbed:private-key] b"],
    ["a -----BEGIN PRIVATE KEY-----\nMIIcut", "a [scrubbed:private-key]"],
    ["paid with 4111 1111 1111 1111 5 times", "paid with [scrubbed:card] 5 times"],
    ["4111-1111-1111-1111", "[scrubbed:card]"],
    ["order 4111111111111112 at 1759996800000", "order 4111111111111112 at 1759996800000"],
    ["mail ann.o'x+y@mail.example.co.uk now", "mail ann.o'[scrubbed:email] now"],
    ["user%40example.com", "[scrubbed:email]"],
    ["from 203.0.113.7:443", "from [scrubbed:ip]:443"],
    ["connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED 127.0.0.1:5432"],
    ["from 2001:db8::8a2e:370:7334.", "from [scrubbed:ip]."],
    ["at 12:30:45 Foo::Bar a::b ::1", "at 12:30:45 Foo::Bar a::b ::1"],
    ["\u001b[31mred\u001b[0m\u202eevil\u200b\u{e0041}!", "redevil!"],
    ["half \ud800 pair", "half \ufffd pair"],
    ["pass\u200bword=hunter2", "password=[scrubbed:secret]"],
  ])("%j", (given, expected) => {
    expect(redactText(given)).toBe(expected);
    expect(redactText(expected)).toBe(expected);
  });

  test.each([
    "Cannot read properties of undefined (reading 'password')",
    "Unexpected token } in JSON at position 5",
    "token: expected string",
    "password is null: password=null, token: undefined",
    "basic authentication failed",
    "react-dom@18.2.0_react@18.2.0/node_modules/react-dom",
    "maxTokens: 5, tokenCount=7",
    "logger[level] is not a function",
    "line one\n\tline two",
  ])("leaves %j", (text) => {
    expect(redactText(text)).toBe(text);
  });

  test("source code keeps its calls, not its literals", () => {
    expect(redactText('const token = read("x"); const password = "hunter2";', "quoted")).toBe(
      'const token = read("x"); const password = "[scrubbed:secret]";',
    );
  });

  const letters = (min: number, max: number, alphabet: string) =>
    fc.array(fc.constantFrom(...alphabet), { minLength: min, maxLength: max }).map((chars) => chars.join(""));
  const ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const secrets = fc.oneof(
    letters(16, 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789").map((s) => `AKIA${s}`),
    letters(36, 60, ALNUM).map((s) => `ghp_${s}`),
    fc
      .tuple(letters(10, 40, ALNUM), letters(10, 40, ALNUM), letters(10, 40, ALNUM))
      .map(([a, b, c]) => `eyJ${a}.${b}.${c}`),
    letters(24, 40, ALNUM).map((s) => `sk-${s}`),
    letters(24, 40, ALNUM).map((s) => `sk_live_${s}`),
    letters(1, 20, ALNUM).map((s) => `${s}@example.org`),
    letters(64, 300, ALNUM).map((s) => `-----BEGIN PRIVATE KEY-----\n${s}\n-----END PRIVATE KEY-----`),
  );
  const around = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom('{"a":"', "password=", "\n", " at ", "https://x/?q=", "'"),
  );
  const gaps = fc.constantFrom(" ", "\n", '"', "=", ",", "(", "'");

  test("known secrets never survive, wherever they stand", () => {
    fc.assert(
      fc.property(around, gaps, secrets, gaps, around, (before, left, secret, right, after) => {
        const core = secret.startsWith("-----") ? secret.split("\n")[1] : secret;
        expect(redactText(`${before}${left}${secret}${right}${after}`)).not.toContain(core);
      }),
      { numRuns: 500 },
    );
  });

  test("the value of a sensitive name never survives", () => {
    const names = fc.constantFrom(
      "password",
      "API_KEY",
      "x-auth-token",
      "clientSecret",
      "db.passwd",
      "Set-Cookie",
      "sessionId",
    );
    const value = letters(8, 40, `${ALNUM}-_.$!`).map((s) => `Z9${s}`);
    const written = fc.constantFrom(
      (n: string, v: string) => `${n}=${v}`,
      (n: string, v: string) => `"${n}":"${v}"`,
      (n: string, v: string) => `${n}: ${v}`,
      (n: string, v: string) => `{\\"${n}\\":\\"${v}\\"}`,
      (n: string, v: string) => `${n} => '${v}'`,
      (n: string, v: string) => `"${n}":["${v}"`,
    );
    fc.assert(
      fc.property(around, names, value, written, (before, name, secret, write) => {
        expect(redactText(`${before} ${write(name, secret)}`)).not.toContain(secret);
      }),
      { numRuns: 500 },
    );
  });

  test("doing it again changes nothing", () => {
    const pieces = fc.oneof(
      around,
      secrets,
      fc.constantFrom(
        "[scrubbed:secret]",
        "scrubbed:",
        "token",
        "Bearer ",
        "://",
        "@",
        ":",
        "=",
        "1.2.3.4",
        "4111111111111111",
        "::",
        "eyJ",
        "\u001b[",
        "\ud83d",
        "\u0000",
        "\ude00",
        "{",
        "[",
      ),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const once = redactText(parts.join(""));
        expect(redactText(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    "a",
    "a@",
    "eyJ-",
    "1 ",
    "1.",
    "a:",
    "password=",
    "-----BEGIN PRIVATE KEY-----",
    "x://",
    "\u001b[",
    "'password':\"",
    "a.b",
    "[",
    "Bearer ",
    "%40a.",
  ])("takes linear time on many %j", (piece) => {
    const time = (n: number) => {
      const text = piece.repeat(n / piece.length);
      return cpuMs(() => redactText(text));
    };
    time(10_000);
    // Quadratic time would take minutes for so much.
    expect(time(300_000)).toBeLessThan(3000);
  });
});
