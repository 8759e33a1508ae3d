import type { BlobStore } from "../domain/ports/blobStore.ts";
import type { RegressionTest, Reproduction } from "../domain/reproduction.ts";

/**
 * The ticket's regression test with its content. null: there is none, or the service's own command is the reproduction.
 */
export async function regressionTestOf(
  blobs: BlobStore,
  reproduction: Reproduction | null | undefined,
): Promise<RegressionTest | null> {
  if (!reproduction?.test || reproduction.kind === "command") return null;
  const { kind, origin, command, test, by } = reproduction;
  const content = await blobs.get(test.digest);
  const recipe = test.recipe === null ? null : await blobs.get(test.recipe);
  const { path, title } = test;
  return content === null
    ? null
    : { kind, origin, command, path, title, content, recipe, ...(by !== undefined && { by }) };
}
