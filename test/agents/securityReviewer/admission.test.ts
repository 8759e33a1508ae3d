import { describe, expect, it } from "vitest";
import { admissionOf } from "../../../src/agents/securityReviewer/admission.ts";
import { buildPlan } from "../../helpers/ticketBuilder.ts";

const before = "export const show = (doc) => doc.meta.title;\n";
const after = "export const show = (doc) => doc.meta?.title;\n";

function judge(others: Record<string, string | Error>) {
  return admissionOf({
    workspace: {
      files: async () => ["src/show.js", ...Object.keys(others)],
      read: async (path) => {
        const found = others[path];
        if (typeof found === "string") return found;
        throw found ?? new Error(`${path} is not there`);
      },
    },
    files: [{ path: "src/show.js", before, after }],
    message: "",
    plan: buildPlan({ files: ["src/show.js"], places: [{ file: "src/show.js", line: 1 }] }),
    own: null,
  });
}

const long = (text: string) => `${text}\n//${" ".repeat(400_001)}\n`;

describe("the files of the callers", () => {
  it("are read, and decide", async () => {
    const { findings } = await judge({ "src/door.js": "if (show(doc)) throw new Error('no');\n" });
    expect(findings).toMatchObject([{ rule: "failOpen" }]);
  });

  it("are asked about if one that mentions the function is too long to parse", async () => {
    const { entries, findings } = await judge({ "src/bundle.js": long("if (show(doc)) throw new Error('no');") });
    expect(entries).toEqual([]);
    expect(findings).toMatchObject([{ rule: "callersUnread", weight: "soft" }]);
  });

  it("are asked about if one cannot be read", async () => {
    expect((await judge({ "src/door.js": new Error("not permitted") })).findings).toMatchObject([
      { rule: "callersUnread" },
    ]);
  });

  it("ask nothing if a long one does not mention the function", async () => {
    expect((await judge({ "src/bundle.js": long("print(1);") })).findings).toEqual([]);
  });
});
