import { statSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { SelfhealError } from "../../domain/errors.ts";
import type { Service } from "../../domain/service.ts";
import { pathFault } from "./safeFiles.ts";

/** Files that commands need and that no commit contains. */
export interface CompanionFiles {
  /** Repository-relative paths. Copied into the working tree unless the base tracks them. */
  copied: string[];
  /** Absolute paths outside the repository. Visible read-only at their own path. */
  bound: string[];
}

/** Folders that a sandbox shows already, or must not show. */
const SYSTEM =
  /^\/(?:usr|bin|sbin|lib|lib32|lib64|etc|proc|dev|sys|tmp|run|var)?(?:\/?$)|^\/(?:usr|bin|sbin|lib\w*|proc|dev|sys|etc)\//;

/**
 * The companion files of a service: the configured ones, and the files that `command` names. A word of the command
 * counts if it is an existing file: in the repository (`node trigger.mjs`), or outside it by its absolute path. The
 * caller excludes files that the base tracks. Throws SelfhealError `companionMissing` for a configured file that does
 * not exist.
 */
export function companionFilesOf(service: Service, command: string | undefined): CompanionFiles {
  const copied = new Set<string>();
  const bound = new Set<string>();
  const add = (path: string) => {
    const inside = relative(service.repo, path);
    if (pathFault(inside) === null) copied.add(inside);
    else if (!isWithin(path, service.repo) && !SYSTEM.test(path)) bound.add(path);
  };
  for (const file of service.companionFiles) {
    const path = resolve(service.repo, file);
    if (statSync(path, { throwIfNoEntry: false }) === undefined) {
      throw new SelfhealError("companionMissing", `companion file ${file} of ${service.name} is not there`);
    }
    add(path);
  }
  for (const word of wordsOf(command ?? "")) {
    const path = isAbsolute(word) ? word : resolve(service.repo, service.root, word);
    if (path.includes("/node_modules/") || !isFile(path)) continue;
    add(path);
  }
  return { copied: [...copied].sort(), bound: [...bound].sort() };
}

/** The companion files of all commands of a service together. */
export function allCompanionFiles(service: Service): CompanionFiles {
  const { setupCommand, buildCommand, testCommand, typeCheckCommand, lintCommand, reproduceCommand } = service;
  const commands = [setupCommand, buildCommand, testCommand, typeCheckCommand, lintCommand, reproduceCommand];
  const all = commands.map((command) => companionFilesOf(service, command));
  return {
    copied: [...new Set(all.flatMap((c) => c.copied))],
    bound: [...new Set(all.flatMap((c) => c.bound))],
  };
}

/** Copies the untracked companion files into the working tree at `dir`. */
export async function copyCompanionFiles(dir: string, service: Service, tracked: ReadonlySet<string>): Promise<void> {
  for (const path of allCompanionFiles(service).copied) {
    if (tracked.has(path)) continue;
    const to = join(dir, path);
    await mkdir(dirname(to), { recursive: true });
    await cp(join(service.repo, path), to, { recursive: true, dereference: true, force: true });
  }
}

/**
 * The words of a shell command, without quotes. Substitutions are not evaluated: a file they name must be configured.
 */
function wordsOf(command: string): string[] {
  const words = command.match(/"[^"]*"|'[^']*'|[^\s;&|<>()]+/g) ?? [];
  return words.map((word) => word.replace(/^["']|["']$/g, "").replace(/^[A-Za-z_-][\w-]*=/, ""));
}

function isWithin(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return inside === "" || (!inside.startsWith("..") && !isAbsolute(inside));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
