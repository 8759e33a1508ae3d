/** Content-addressed texts: diffs, outputs. The key is the SHA-256 of the content, hex. */
export interface BlobStore {
  put(content: string): Promise<string>;
  get(digest: string): Promise<string | null>;
}
