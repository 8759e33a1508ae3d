import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../domain/ports/clock.ts";
import { createLru } from "./lru.ts";
import { segmentsOf } from "./paths.ts";

/** A source map in a folder of the operator. */
export interface FolderMap {
  /** Absolute path of the map. */
  path: string;
  /** Path of the built file, relative to the folder. */
  file: string;
  bytes: number;
  /** Changes when the map changes. */
  version: string;
}

/** Finds source maps in folders of the operator. */
export interface MapFolders {
  /** The map of the built file that a frame is in; null if the folder has none. `{release}` in `folder` is replaced. */
  find(folder: string, release: string | undefined, frameFile: string): Promise<FolderMap | null>;
}

/** How long a lookup, found or not, is cached, milliseconds. */
const BELIEVED_MS = 10_000;
const MAX_HELD = 2000;
/** Maximum number of trailing parts of a built file's path that are looked up in the folder. */
const MAX_DEPTH = 8;

/**
 * Creates the lookup of `<built file>.map` in configured folders. The longest tail of the frame's path that exists
 * counts.
 */
export function createMapFolders(clock: Clock): MapFolders {
  const held = createLru<{ at: number; map: FolderMap | null }>(MAX_HELD);
  return {
    find: async (folder, release, frameFile) => {
      const dir = folderOf(folder, release);
      const segments = segmentsOf(frameFile);
      if (dir === null || segments === null) return null;
      const key = JSON.stringify([dir, segments.slice(-MAX_DEPTH)]);
      const known = held.get(key);
      if (known !== undefined && clock.now() - known.at < BELIEVED_MS) return known.map;
      const map = await look(dir, segments);
      held.set(key, { at: clock.now(), map }, 1);
      return map;
    },
  };
}

/**
 * Replaces `{release}` in the folder's path by the Event's release. A client sends the release, so it must be one plain
 * name. Null otherwise.
 */
function folderOf(folder: string, release: string | undefined): string | null {
  if (!folder.includes("{release}")) return folder;
  if (release === undefined || !/^[A-Za-z0-9_@+][\w.@+-]{0,127}$/.test(release)) return null;
  return folder.replaceAll("{release}", release);
}

async function look(dir: string, segments: readonly string[]): Promise<FolderMap | null> {
  for (let from = Math.max(0, segments.length - MAX_DEPTH); from < segments.length; from++) {
    const file = segments.slice(from).join("/");
    const path = join(dir, `${file}.map`);
    const found = await stat(path).catch(() => null);
    if (found?.isFile()) return { path, file, bytes: found.size, version: `${found.mtimeMs} ${found.size}` };
  }
  return null;
}
