import { digestOf } from "../../src/domain/patch.ts";
import type { BlobStore } from "../../src/domain/ports/blobStore.ts";

/** A blob store in memory. */
export function memoryBlobs(): BlobStore {
  const blobs = new Map<string, string>();
  return {
    put: async (content) => {
      blobs.set(digestOf(content), content);
      return digestOf(content);
    },
    get: async (digest) => blobs.get(digest) ?? null,
  };
}
