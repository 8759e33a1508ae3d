/** File contents by path. Lines are replaced, never moved: enough for the diffs of this world. */
export type Tree = Readonly<Record<string, string>>;

/** A unified diff without context, in the form of git. */
export function diffTrees(before: Tree, after: Tree): string {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return paths
    .filter((path) => before[path] !== after[path])
    .map((path) => diffFile(path, before[path], after[path] ?? ""))
    .join("");
}

function diffFile(path: string, before: string | undefined, after: string): string {
  const [old, now] = [linesOf(before ?? ""), linesOf(after)];
  const head = `diff --git a/${path} b/${path}\n`;
  if (before === undefined) {
    const added = now.map((line) => `+${line}\n`).join("");
    return `${head}new file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${now.length} @@\n${added}`;
  }
  const hunks = old.flatMap((line, i) => {
    const other = now[i] ?? "";
    return line === other ? [] : [`@@ -${i + 1},1 +${i + 1},1 @@\n-${line}\n+${other}\n`];
  });
  return `${head}--- a/${path}\n+++ b/${path}\n${hunks.join("")}`;
}

/** The tree with the diff applied, or why that cannot be. */
export function applyDiff(tree: Tree, diff: string): Tree | string {
  let result = tree;
  let path = "";
  let removed: string | null = null;
  for (const line of linesOf(diff)) {
    const target = /^\+\+\+ b\/(.+)$/.exec(line)?.[1];
    if (target !== undefined) path = target;
    else if (line.startsWith("--- ") || line.startsWith("@@") || line.startsWith("diff ") || line.startsWith("new ")) {
      removed = null;
    } else if (line.startsWith("-")) removed = line.slice(1);
    else if (line.startsWith("+")) {
      const changed = changeLine(result, path, removed, line.slice(1));
      if (typeof changed === "string") return changed;
      result = changed;
    } else return `"${line.slice(0, 40)}" is no line of a diff`;
  }
  return result;
}

function changeLine(tree: Tree, path: string, removed: string | null, added: string): Tree | string {
  if (path === "") return "it names no file";
  if (removed === null) return { ...tree, [path]: `${tree[path] ?? ""}${added}\n` };
  const lines = linesOf(tree[path] ?? "");
  const at = lines.indexOf(removed);
  if (at < 0) return `${path} has no line "${removed.slice(0, 60)}"`;
  lines[at] = added;
  return { ...tree, [path]: lines.map((line) => `${line}\n`).join("") };
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
