/** Formats a table for a terminal. Each column is as wide as its widest cell, with two spaces between columns. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(head), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)].join("\n");
}

/** Cuts text to `width` characters. The last one is `…` if something was cut. */
export function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Formats milliseconds since the epoch as `2025-10-09 08:00:00` in UTC. */
export function utcTime(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}
