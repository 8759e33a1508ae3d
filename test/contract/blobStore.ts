import { describe, expect, it } from "vitest";
import { digestOf } from "../../src/domain/patch.ts";
import type { BlobStore } from "../../src/domain/ports/blobStore.ts";

/** What every BlobStore must do. */
export function blobStoreContract(name: string, make: () => Promise<BlobStore>): void {
  describe(`BlobStore: ${name}`, () => {
    it.each(["", "a diff\n", "ünïcödé 🙂\u0000\r\n", "x".repeat(2_000_000)])(
      "keeps a text under its digest",
      async (text) => {
        const blobs = await make();
        expect(await blobs.put(text)).toBe(digestOf(text));
        expect(await blobs.get(digestOf(text))).toBe(text);
      },
    );

    it("keeps the same text once, asked for at the same time or later", async () => {
      const blobs = await make();
      const digests = await Promise.all(Array.from({ length: 10 }, () => blobs.put("same")));
      expect(new Set([...digests, await blobs.put("same")])).toEqual(new Set([digestOf("same")]));
      expect(await blobs.get(digestOf("same"))).toBe("same");
    });

    it.each([
      "",
      "unknown",
      digestOf("never put"),
      "../../etc/passwd",
      `${"a".repeat(64)}/..`,
      digestOf("x").toUpperCase(),
    ])("has nothing under %j", async (digest) => {
      expect(await (await make()).get(digest)).toBeNull();
    });
  });
}
