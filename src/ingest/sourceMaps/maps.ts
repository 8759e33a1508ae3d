import { readFile } from "node:fs/promises";
import { originalPositionFor, sourceContentFor, type TraceMap, traceSegment } from "@jridgewell/trace-mapping";
import { messageOf } from "../../domain/errors.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { SourceMapStore } from "../../domain/sourceMap.ts";
import { createMapFolders } from "./folder.ts";
import { type NamedSource, readNames } from "./functionNames.ts";
import { createLru } from "./lru.ts";
import { builtFileOf, sourcePath } from "./paths.ts";
import { readSourceMap } from "./readSourceMap.ts";

/** Characters of the maps, and of the sources, that stay parsed in memory. */
const MAPS_HELD = 48_000_000;
const SOURCES_HELD = 4_000_000;

/** The place of a frame in built code. */
export interface BuiltPlace {
  project: string;
  release: string | undefined;
  file: string;
  debugId: string | undefined;
  /** The folder with the service's maps on this machine. */
  folder: string | undefined;
}

/** A place in a source; lines and columns from 1. */
export interface SourcePlace {
  file: string;
  line: number;
  column: number;
  /** Null if the function has no name, or if the name is unknown. */
  function: string | null;
  /** The source line. Undefined if the map does not contain its sources. */
  text: string | undefined;
}

/** The result of a lookup. */
export type Found =
  | { kind: "found"; place: SourcePlace }
  /** There is no map for the file. */
  | { kind: "noMap" }
  /** There is a map, but it does not help. */
  | { kind: "broken"; reason: string };

/** Looks up source places of built code. */
export interface SourceMaps {
  /** Finds the source of a built place. `line` and `column` are from 1. Never throws: an unreadable map is `broken`. */
  find(place: BuiltPlace, line: number, column: number): Promise<Found>;
  /**
   * The source's name for the identifier that starts exactly there. Null if it is the same or unknown. Never throws.
   */
  nameAt(place: BuiltPlace, line: number, column: number): Promise<string | null>;
}

export interface SourceMapsDeps {
  store: Pick<SourceMapStore, "ofRelease" | "byDebugId" | "read" | "noteFault">;
  clock: Clock;
  log: Log;
  maxMapBytes: number;
}

/**
 * A map that was found: its cache key, its built file, its text (null if gone or too large), and how to note a fault.
 */
interface Located {
  key: string;
  file: string;
  text: () => Promise<string | null>;
  note: (fault: string) => Promise<void>;
}

type Loaded =
  | { kind: "map"; map: TraceMap; key: string; file: string; weight: number }
  | { kind: "broken"; reason: string };

/** Creates the lookup of maps by debug id, release or folder. Each map is read once and cached while it fits. */
export function createSourceMaps({ store, clock, log, maxMapBytes }: SourceMapsDeps): SourceMaps {
  const folders = createMapFolders(clock);
  const maps = createLru<Loaded>(MAPS_HELD);
  const sources = createLru<NamedSource>(SOURCES_HELD);

  const locate = async ({ project, release, file, debugId, folder }: BuiltPlace): Promise<Located | null> => {
    const byId = debugId === undefined ? null : await store.byDebugId(project, debugId);
    const entry = byId ?? (release === undefined ? null : builtFileOf(file, await store.ofRelease(project, release)));
    if (entry !== null) {
      const { digest } = entry;
      const note = (fault: string) => store.noteFault(digest, fault);
      return { key: `${digest} ${entry.file}`, file: entry.file, text: () => store.read(digest), note };
    }
    const found = folder === undefined ? null : await folders.find(folder, release, file);
    if (found === null) return null;
    const tooLarge = found.bytes > maxMapBytes;
    const text = async () => (tooLarge ? null : await readFile(found.path, "utf8"));
    return { key: `${found.path} ${found.version}`, file: found.file, text, note: async () => undefined };
  };

  /** Logged and noted once per map, as long as the result is cached. */
  const broken = async (located: Located, reason: string): Promise<Loaded> => {
    log.warn("a source map is of no use: its frames stay as they are", { file: located.file, reason });
    await located.note(reason);
    return { kind: "broken", reason };
  };

  const load = async (located: Located): Promise<Loaded> => {
    const text = await located.text();
    if (text === null) return broken(located, `is gone, or over ${maxMapBytes} bytes`);
    const read = readSourceMap(text);
    if (read.kind === "broken") return broken(located, read.reason);
    return { ...read, key: located.key, file: located.file, weight: text.length };
  };

  const loaded = async (place: BuiltPlace): Promise<Loaded | null> => {
    const located = await locate(place);
    if (located === null) return null;
    const known = maps.get(located.key);
    if (known !== undefined) return known;
    const map = await load(located);
    maps.set(located.key, map, map.kind === "map" ? map.weight : 1);
    return map;
  };

  const namesOf = ({ map, key }: Extract<Loaded, { kind: "map" }>, source: string, path: string) => {
    const text = sourceContentFor(map, source);
    if (text === null) return null;
    const held = `${key} ${source}`;
    const known = sources.get(held) ?? readNames(path, text);
    sources.set(held, known, text.length + 1);
    return known;
  };

  return {
    find: async (place, line, column) => {
      try {
        const map = await loaded(place);
        if (map === null) return { kind: "noMap" };
        if (map.kind === "broken") return map;
        const at = originalPositionFor(map.map, { line, column: column - 1 });
        if (!at.source) return { kind: "broken", reason: "the place is not in the map" };
        const file = sourcePath(at.source, map.file).slice(0, 1024);
        const names = namesOf(map, at.source, file);
        const own = { file, line: at.line, column: at.column + 1 };
        return {
          kind: "found",
          place: { ...own, function: names?.functionAt(own.line, own.column) ?? null, text: names?.line(own.line) },
        };
      } catch (thrown) {
        return { kind: "broken", reason: messageOf(thrown).slice(0, 200) };
      }
    },
    nameAt: async (place, line, column) => {
      const map = await loaded(place).catch(() => null);
      if (map?.kind !== "map" || line < 1 || column < 1) return null;
      const segment = traceSegment(map.map, line - 1, column - 1);
      return segment?.[0] === column - 1 && segment.length === 5 ? (map.map.names[segment[4]] ?? null) : null;
    },
  };
}
