/**
 * Content-addressed store of texts: diffs and outputs. The key is the SHA-256 of the content, in hex.
 * @example
 * const digest = await blobs.put(diff); // the same as digestOf(diff)
 * const again = await blobs.get(digest); // null once the blob was removed
 */
export interface BlobStore {
  put(content: string): Promise<string>;
  get(digest: string): Promise<string | null>;
}
