import type { Finding } from "../../domain/evidence.ts";
import { describeDiff } from "../../domain/patch.ts";
import type { Workspace } from "../../domain/ports/workspace.ts";
import { reviewDiff } from "../../policy/diffPolicy.ts";
import { newCapabilities } from "../../policy/newCapabilities.ts";

/**
 * Why a diff that a brain wrote must not be run, not even in the sandbox: hard findings of the diff policy, and names
 * through which code newly reaches processes, other code or the environment. Empty: it may be run. The tree must
 * contain the diff. `except`: a test file that selfheal itself rendered.
 */
export async function findingsBeforeRun(workspace: Workspace, diff: string, except?: string): Promise<Finding[]> {
  const { files } = describeDiff(diff);
  const policy = { maxFiles: Number.POSITIVE_INFINITY, maxLines: Number.POSITIVE_INFINITY, protectedPaths: [] };
  const hard = reviewDiff(diff, { allowedFiles: files, policy }).filter(({ weight }) => weight === "hard");
  const changes = await Promise.all(
    files
      .filter((path) => path !== except)
      .map(async (path) => ({
        path,
        before: await workspace.readBase(path).catch(() => null),
        after: await workspace.read(path).catch(() => null),
      })),
  );
  return [...hard, ...newCapabilities(changes).filter(({ rule }) => rule === "newCapability")];
}

/** The findings in one line, for the coder and for people. */
export function inOneLine(findings: readonly Finding[]): string {
  return findings
    .slice(0, 5)
    .map(({ rule, path, line, message }) => `${rule} (${path}:${line}): ${message}`)
    .join("; ");
}
