import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { createCleanTexts } from "../../../src/ingest/privacy/cleanTextCache.ts";
import { redactText } from "../../../src/ingest/privacy/redactText.ts";
import { Count, Flag, Lines, Text, Values } from "../../../src/ingest/protocols/fields.ts";
import { quickObject } from "../../../src/ingest/protocols/quickObject.ts";

const quick = z.array(quickObject({ file: "text", line: "count", in_app: "flag", lines: "lines", vars: "values" }));
const slow = z.array(z.object({ file: Text, line: Count, in_app: Flag, lines: Lines, vars: Values }));

test("what is read quickly is what the schema reads, with the same faults at the same places", () => {
  const value = fc.oneof(
    fc.constantFrom(null, undefined, true, -1, 0, 7, 1.5, 2 ** 60, Number.NaN, "x", {}, [], { a: 1 }),
    fc.jsonValue(),
  );
  const frame = fc.oneof(
    fc.record(
      { file: value, line: value, in_app: value, vars: value, lines: fc.oneof(value, fc.array(value)), more: value },
      { requiredKeys: [] },
    ),
    value,
  );
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 3 }), (frames) => {
      const [one, other] = [quick.safeParse(frames), slow.safeParse(frames)];
      expect(one.data).toEqual(other.data);
      const faults = (error: z.ZodError | undefined) => error?.issues.map(({ path, message }) => ({ path, message }));
      expect(faults(one.error)).toEqual(faults(other.error));
    }),
    { numRuns: 500 },
  );
});

test("clean texts are remembered, a bounded number of them, and long ones never", () => {
  const texts = createCleanTexts(2, 5);
  for (const text of ["a", "b", "c"]) texts.add(text);
  expect(["a", "b", "c", "d"].map(texts.has)).toEqual([true, true, true, false]);
  for (const text of ["d", "e", "f", "g"]) texts.add(text);
  expect(texts.has("a")).toBe(false);
  texts.add("longer");
  expect(texts.has("longer")).toBe(false);
});

test("what is clean as source code is not taken for clean as text, nor is what was not clean", () => {
  const code = "const token = read";
  expect(redactText(code, "quoted")).toBe(code);
  for (let round = 0; round < 2; round++) {
    expect(redactText("token = read1234", "quoted")).toBe("token = read1234");
    expect(redactText("token = read1234")).toBe("token = [scrubbed:secret]");
  }
});
