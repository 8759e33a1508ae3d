import { describe, expect, it } from "vitest";
import type { Candidate } from "../../src/repair/candidate.ts";
import { siblingSites } from "../../src/repair/siblingSites.ts";
import { treeOf } from "../helpers/repairs.ts";

const fixed = (crashed: string, line = 1): Candidate => ({
  template: "t",
  edits: [{ path: "a.js", start: 0, end: 0, text: "" }],
  explanation: "",
  score: 80,
  hides: false,
  effect: "",
  crashed,
  place: { file: "a.js", line },
});

describe("the same elsewhere", () => {
  it("is named where nothing guards it", async () => {
    const tree = treeOf({
      "a.js": "use(attr.value.type);\nother(node.value.type);\n",
      "b.js": "if (x.value && x.value.type) go();\nif (!x.value) return;\nuse(x.value.type);\n",
      "c.js": "// y.value.type\n\n\nuse(y.value.type);\nuse(y.value.types);\n",
      "d.txt": "z.value.type",
    });
    expect(await siblingSites(fixed("attr.value.type"), tree)).toEqual(["a.js:2", "c.js:4"]);
  });

  it("is named for borrowed methods", async () => {
    const tree = treeOf({
      "a.js": "o.hasOwnProperty(k)\np.hasOwnProperty(k)\nObject.prototype.hasOwnProperty.call(q, k)\n",
    });
    expect(await siblingSites(fixed("o.hasOwnProperty"), tree)).toEqual(["a.js:2"]);
  });

  it("is a short list, and empty where there is no pattern to look for", async () => {
    const tree = treeOf({ "a.js": "", "b.js": "use(x.value.type);\n".repeat(50) });
    expect(await siblingSites(fixed("y.value.type"), tree)).toHaveLength(8);
    expect(await siblingSites(fixed("name.indexOf"), tree)).toEqual([]);
  });
});
