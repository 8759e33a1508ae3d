import { z } from "zod";
import type { CommitInfo } from "../../../domain/ports/workspace.ts";
import { isSecretFile } from "../../../policy/editablePaths.ts";
import { readDiff } from "../../../policy/unifiedDiff.ts";
import { oneLine } from "../../prompting/untrustedText.ts";
import type { Ground } from "./codeTools.ts";
import { say, show, type Tool, tool } from "./tool.ts";

const MAX_COMMITS = 20;
const MAX_BLAMED = 12;

/** Creates the tools that show who changed what, and why: only the history of the base, without files of secrets. */
export function createHistoryTools(ground: Ground): Tool[] {
  return [log(ground), blame(ground), showCommit(ground)];
}

function log({ workspace, tracked, quoter }: Ground): Tool {
  const parameters = z.object({
    path: z.string().optional(),
    limit: z.number().int().min(1).max(MAX_COMMITS).optional(),
  });
  return tool(
    "git_log",
    "Lists the newest commits, of all or of one file.",
    parameters,
    async ({ path, limit = 10 }) => {
      if (path !== undefined && !tracked.includes(path)) return say(`there is no ${oneLine(path, 120)}`);
      const commits = await workspace.log({ limit, ...(path !== undefined && { paths: [path] }) });
      return show(quoter, "commits", commits.map(lineOf).join("\n") || "none");
    },
  );
}

function blame({ workspace, tracked, quoter }: Ground): Tool {
  const line = z.number().int().min(1);
  const parameters = z.object({ path: z.string(), from_line: line, to_line: line.optional() });
  return tool("git_blame", "Says which commit last changed lines of a file.", parameters, async (args) => {
    const { path, from_line: from, to_line: to = from } = args;
    if (!tracked.includes(path)) return say(`there is no ${oneLine(path, 120)}`);
    const lines: string[] = [];
    for (let at = from; at <= Math.min(to, from + MAX_BLAMED - 1); at += 1) {
      const commit = await workspace.blame(path, at);
      lines.push(`${at}: ${commit === null ? "no such line" : lineOf(commit)}`);
    }
    return show(quoter, "blame", lines.join("\n"));
  });
}

function showCommit({ workspace, quoter }: Ground): Tool {
  const parameters = z.object({ commit: z.string() });
  return tool("git_show", "Shows what a commit of git_log or git_blame changed.", parameters, async ({ commit }) => {
    const diff = await workspace.changeBy(commit);
    if (diff === null) return say("that is no commit of this history, or a merge");
    return show(quoter, "change", withoutSecrets(diff));
  });
}

/**
 * Leaves out files of secrets: a secret that was removed from the tree is still a secret. A diff that cannot be read to
 * the last line is not shown.
 */
function withoutSecrets(diff: string): string {
  if (diff === "") return "nothing";
  const read = readDiff(diff);
  if (read.kind === "unreadable") return "the change cannot be shown";
  const entries = diff.split(/^(?=diff --git )/m);
  return entries
    .map((entry, i) =>
      read.files[i]?.paths.some(isSecretFile) === false ? entry : "(a file that may hold secrets is not shown)\n",
    )
    .join("");
}

function lineOf({ commit, at, author, subject }: CommitInfo): string {
  return `${commit.slice(0, 12)} ${new Date(at).toISOString().slice(0, 10)} ${oneLine(author, 40)}: ${oneLine(subject, 120)}`;
}
