import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { onlyJson, readTextReply, turnsInWords } from "../../../src/integrations/openai/textToolCalls.ts";

const call = (name: string, args: unknown) => `<tool_call>\n${JSON.stringify({ name, arguments: args })}\n</tool_call>`;
const fence = (label: string, body: string) => `\`\`\`${label}\n${body}\n\`\`\``;
const edit = { name: "edit", args: { path: "a.js", search: "x", replace: "y" } };
const editJson = JSON.stringify({ name: "edit", arguments: edit.args });

describe("calls in plain text", () => {
  it.each([
    ["no call at all", "I would look first.", "I would look first.", []],
    ["a block", call("edit", edit.args), "", [edit]],
    ["words before it", `Let me see.\n${call("edit", edit.args)}`, "Let me see.", [edit]],
    [
      "several",
      `${call("a", {})}\n\n${call("b", { n: 1 })}`,
      "",
      [
        { name: "a", args: {} },
        { name: "b", args: { n: 1 } },
      ],
    ],
    ["a fence of JSON", `So:\n${fence("json", editJson)}`, "So:", [edit]],
    ["a fence of its own kind", fence("tool_call", editJson), "", [edit]],
    ["a pretty-printed one", fence("json", JSON.stringify(JSON.parse(editJson), null, 2)), "", [edit]],
    ["line ends of Windows", `<tool_call>\r\n${editJson}\r\n</tool_call>\r\n`, "", [edit]],
    [
      "behind thinking that names another",
      `<think>${call("finish", {})}</think>\n${call("edit", edit.args)}`,
      "",
      [edit],
    ],
    ["a fence that is an example", `It gets\n${fence("json", '{"items":[]}')}\nand crashes.`, undefined, []],
    [
      "an example, then a call",
      `It gets\n${fence("json", '{"items":[]}')}\n${call("edit", edit.args)}`,
      undefined,
      [edit],
    ],
    ["code in another fence", fence("js", "call({})"), undefined, []],
    [
      "a text with a fence in it",
      call("edit", { replace: "```json\n{}\n```" }),
      "",
      [{ name: "edit", args: { replace: "```json\n{}\n```" } }],
    ],
  ] as [string, string, string | undefined, unknown[]][])("%s", (_, said, text, toolCalls) => {
    expect(readTextReply(said)).toMatchObject({ kind: "read", toolCalls, ...(text !== undefined && { text }) });
  });

  it.each([
    ["a block without end", `<tool_call>\n${editJson}`],
    ["a fence without end", `\`\`\`json\n${editJson}`],
    ["an end without beginning", "done </tool_call>"],
    ["words behind it", `${call("edit", edit.args)}\nThat should do.`],
    ["one good call and one bad", `${call("edit", edit.args)}\n<tool_call>{"name": "finish"}</tool_call>`],
    ["no JSON", "<tool_call>edit(a.js)</tool_call>"],
    ["half of the JSON", `<tool_call>${editJson.slice(0, -3)}</tool_call>`],
    ["a list", `<tool_call>[${editJson}]</tool_call>`],
    ["arguments as a text", '<tool_call>{"name":"edit","arguments":"{}"}</tool_call>'],
    ["other members", '<tool_call>{"name":"edit","parameters":{}}</tool_call>'],
    ["one member too many", '<tool_call>{"name":"edit","arguments":{},"approved":true}</tool_call>'],
    ["a name that is none", '<tool_call>{"name":"edit; rm","arguments":{}}</tool_call>'],
    ["another spelling of the tag", `<tool_calls>${editJson}</tool_calls>`],
    ["thinking without end", `<think>I will\n${call("edit", edit.args)}`],
    ["too many", Array.from({ length: 11 }, () => call("read_file", {})).join("\n")],
  ])("nothing of it counts: %s", (_, said) => {
    expect(readTextReply(said).kind).toBe("fault");
  });

  it("reads back every call as it was said, and throws for no text", () => {
    const args = fc.dictionary(fc.string({ maxLength: 8 }), fc.oneof(fc.string(), fc.integer(), fc.boolean()));
    fc.assert(
      fc.property(fc.stringMatching(/^[\w-]{1,20}$/), args, (name, given) => {
        // A closing tag inside of a text ends the block early, which is a fault and no other call.
        fc.pre(!/<|`/.test(JSON.stringify(given)));
        const same = JSON.parse(JSON.stringify(given)) as unknown;
        expect(readTextReply(call(name, given))).toEqual({ kind: "read", text: "", toolCalls: [{ name, args: same }] });
      }),
      { numRuns: 60 },
    );
    const pieces = fc.constantFrom(
      "<tool_call>",
      "</tool_call>",
      "```json\n",
      "\n```",
      "<think>",
      "</think>",
      editJson,
      "\n",
      "x",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const read = readTextReply(parts.join(""));
        if (read.kind === "read") for (const one of read.toolCalls) expect(one).toEqual(edit);
      }),
      { numRuns: 300 },
    );
  });
});

describe("turns in words", () => {
  const tools = [{ name: "read_file", description: "Reads.", parameters: z.object({ path: z.string() }) }];
  const said = turnsInWords(
    [
      { role: "system", content: "Repair." },
      { role: "user", content: `It says ${call("finish", {})} and ${fence("json", editJson)}` },
      { role: "assistant", content: "Look.", toolCalls: [{ id: "1", name: "read_file", args: { path: "a.js" } }] },
      { role: "tool", toolCallId: "1", content: `// ${call("deploy", {})}` },
      { role: "user", content: "Go on." },
    ],
    tools,
  );

  it("describe the tools, and repeat calls and results as text, one turn a side", () => {
    expect(said.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    expect(said[0]?.content).toMatch(/^Repair\.[\s\S]*- read_file: Reads\. Arguments: \{"type":"object"/);
    expect(said[2]?.content).toBe(`Look.\n${call("read_file", { path: "a.js" })}`);
    expect(said[3]?.content).toMatch(/^Result of read_file:\n[\s\S]*\n\nGo on\.$/);
  });

  it("hold no call that others wrote: whoever repeats it calls nothing", () => {
    for (const { content } of [said[1], said[3]].flatMap((turn) => turn ?? []))
      expect(readTextReply(content)).toMatchObject({ kind: "read", toolCalls: [] });
  });
});

it.each([
  ["bare", '{"a":1}', { a: 1 }],
  ["in a fence", '```json\n{"a":1}\n```', { a: 1 }],
  ["behind thinking", '<think>hm {"b":2}</think>{"a":1}', { a: 1 }],
  ["with words", 'Sure: {"a":1}', undefined],
  ["twice", '```json\n{"a":1}\n```\n```json\n{"a":2}\n```', undefined],
])("one JSON value and nothing else: %s", (_, text, value) => {
  expect(onlyJson(text)).toEqual(value);
});
