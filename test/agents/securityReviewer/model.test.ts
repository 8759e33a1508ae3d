import { afterEach, beforeEach, expect, it } from "vitest";
import { createModelReviewer } from "../../../src/agents/securityReviewer/model.ts";
import { type ModelServer, modelOn, type Reply, startModelServer } from "../../helpers/modelServer.ts";
import { REVIEWED_DIFF, reviewInput } from "../../helpers/reviewInput.ts";

let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
});
afterEach(() => server.stop());

const finding = { rule: "check removed!", path: "src/a.js", line: 1, message: "anyone may\nread it" };
const review = (diff?: string) => createModelReviewer({ model: modelOn(server) }).review(reviewInput(diff));

it("adds findings that a person looks at, never ones that refuse", async () => {
  server.script({ json: { findings: [{ ...finding, weight: "hard" }] } });
  const { findings, unavailable, tokens } = await review();
  expect(findings).toEqual([
    { rule: "model:check-removed-", weight: "soft", path: "src/a.js", line: 1, message: "anyone may read it" },
  ]);
  expect(unavailable).toEqual([]);
  expect(tokens).toBeGreaterThan(0);
});

it("may find nothing", async () => {
  server.script({ json: { findings: [] } });
  expect(await review()).toMatchObject({ findings: [], unavailable: [] });
});

it("sees the diff with hidden characters shown, and the grade; no trees", async () => {
  server.script({ json: { findings: [] } });
  await review(REVIEWED_DIFF.replace("x?.y", "x?.y /*\u202e*/"));
  const text = JSON.stringify(server.requests()[0]?.messages);
  expect(text).toContain("⟨U+202E⟩");
  expect(text).toContain("grade E2");
});

it.each([
  ["garbage", [{ text: "LGTM" }, { text: "LGTM!" }]],
  ["a file that is not in the diff", [{ json: { findings: [{ ...finding, path: "src/b.js" }] } }, { json: {} }]],
  ["an outage", [{ error: 500 }]],
  [
    "HTML",
    [
      { body: "<html>", contentType: "text/html" },
      { body: "<html>", contentType: "text/html" },
    ],
  ],
  ["a refusal", [{ text: "", finishReason: "content_filter" }]],
] as [string, Reply[]][])("%s is not clean: the model was unavailable", async (_, replies) => {
  server.script(...replies);
  expect(await review()).toMatchObject({ findings: [], unavailable: ["model"] });
});

it("does not review a diff in part", async () => {
  expect(await review(REVIEWED_DIFF + "+x\n".repeat(30_000))).toMatchObject({ unavailable: ["model"], tokens: 0 });
  expect(server.requests()).toHaveLength(0);
});

it("an abort is no review", async () => {
  const input = { ...reviewInput(), signal: AbortSignal.abort() };
  const brain = createModelReviewer({ model: modelOn(server) });
  await expect(brain.review(input)).rejects.toMatchObject({ code: "model.aborted" });
});
