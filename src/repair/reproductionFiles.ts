/**
 * Whether a file belongs to the reproduction command (`node trigger.mjs`). Such a file shows the crash and is never the
 * place to repair.
 */
export function isReproduction(file: string, command: string | undefined): boolean {
  if (command === undefined) return false;
  const words = command.split(/[\s'"=;&|()]+/).map((w) => w.replace(/^\.\//, ""));
  return words.some((word) => word !== "" && (word === file || (word.startsWith("/") && word.endsWith(`/${file}`))));
}
