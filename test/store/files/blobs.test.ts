import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { digestOf } from "../../../src/domain/patch.ts";
import { createBlobStore } from "../../../src/store/files/blobs.ts";
import { tempFolder } from "../../helpers/tempFolder.ts";

it("does not give out a text that was changed under its digest", async () => {
  const dir = tempFolder();
  const blobs = createBlobStore(dir);
  const digest = await blobs.put("--- a\n+++ b\n");
  writeFileSync(join(dir, digest.slice(0, 2), digest.slice(2, 4), digest), "--- a\n+++ evil\n");
  await expect(blobs.get(digest)).rejects.toMatchObject({ code: "storage" });
});

it("leaves no temporary files", async () => {
  const dir = tempFolder();
  const blobs = createBlobStore(dir);
  await Promise.all(Array.from({ length: 20 }, (_, n) => blobs.put(`text ${n % 7}`)));
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map((entry) => entry.name).sort()).toEqual(
    Array.from({ length: 7 }, (_, n) => digestOf(`text ${n}`)).sort(),
  );
});

it("fails aloud where it cannot write, and can again later", async () => {
  const dir = tempFolder();
  const digest = digestOf("text");
  writeFileSync(join(dir, digest.slice(0, 2)), "a file where a folder must be");
  await expect(createBlobStore(dir).put("text")).rejects.toMatchObject({ code: "storage" });
  expect(await createBlobStore(join(dir, "other")).put("text")).toBe(digest);
});
