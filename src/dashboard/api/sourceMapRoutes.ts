import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import type { AuditLog } from "../../domain/ports/auditLog.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import { debugIdOf, SourceMapEntry, type SourceMapStore } from "../../domain/sourceMap.ts";
import { type AccessEnv, whoIs } from "../access/caller.ts";

import { jsonError } from "../errorResponses.ts";

/** What the routes need. */
export interface SourceMapApiDeps {
  store: SourceMapStore;
  audit: Pick<AuditLog, "append">;
  clock: Clock;
  /** Why a text is not a usable source map; null: it is usable. */
  faultOf: (text: string) => string | null;
  limits: () => { maxMapBytes: number; maxReleaseBytes: number };
  /** The configured projects. */
  projects: () => readonly string[];
}

const { release, file } = SourceMapEntry.shape;

const Of = z.object({ project: z.string().max(128).optional(), release, by: z.string().optional() });
const Upload = Of.extend({
  file: file.refine(
    (path) => !path.split("/").includes("..") && !path.startsWith("/"),
    "must be a path inside a folder",
  ),
  debugId: z.string().optional(),
});

/** The path of all source map routes. It is the only one under /v1 with a large body. */
export const SOURCE_MAPS_PATH = "/v1/sourcemaps";

/**
 * `PUT /v1/sourcemaps?release=R&file=F[&project=P][&debugId=D]` with the map as body, `GET` for the list of releases,
 * and `DELETE ?release=R[&project=P]`. Mount it behind `requireAccess`.
 */
export function addSourceMapRoutes(app: Hono<AccessEnv>, deps: SourceMapApiDeps): void {
  const { store, audit, clock, limits } = deps;
  const { maxMapBytes } = limits();
  const tooLarge = `A source map is at most ${maxMapBytes} bytes (sourceMaps.maxMapBytes).`;
  const limited = bodyLimit({ maxSize: maxMapBytes, onError: (c) => jsonError(c, 413, "tooLarge", tooLarge) });

  app.get(SOURCE_MAPS_PATH, async (c) => c.json({ releases: await store.releases() }));

  app.put(SOURCE_MAPS_PATH, limited, async (c) => {
    const query = Upload.safeParse(c.req.query());
    if (!query.success) return jsonError(c, 400, "invalid", faultsIn(query.error));
    const { data } = query;
    const project = projectOf(deps, data.project);
    if (project.kind === "unclear") return jsonError(c, 400, "project", project.message);
    const text = await c.req.text();
    const fault = deps.faultOf(text);
    if (fault !== null) return jsonError(c, 400, "brokenMap", `${data.file}: ${fault}`);
    const there = await store.ofRelease(project.name, data.release);
    const others = there.filter((entry) => entry.file !== data.file);
    const bytes = others.reduce((sum, entry) => sum + entry.bytes, Buffer.byteLength(text));
    if (bytes > limits().maxReleaseBytes)
      return jsonError(c, 413, "releaseFull", fullMessage(limits().maxReleaseBytes));
    const entry = await store.put(
      {
        project: project.name,
        release: data.release,
        file: data.file,
        debugId: debugIdOf(data.debugId),
        uploadedAt: clock.now(),
      },
      text,
    );
    // Audits the first map of a release, and every map that replaces another one.
    if (there.length === 0 || others.length < there.length) {
      const facts = { project: project.name, release: data.release, file: data.file, digest: entry.digest };
      await audit.append({ kind: "sourcemaps.uploaded", actor: `person:${whoIs(c)}`, facts });
    }
    return c.json({ project: entry.project, file: entry.file, bytes: entry.bytes }, 201);
  });

  app.delete(SOURCE_MAPS_PATH, async (c) => {
    const query = Of.safeParse(c.req.query());
    if (!query.success) return jsonError(c, 400, "invalid", faultsIn(query.error));
    const project = projectOf(deps, query.data.project);
    if (project.kind === "unclear") return jsonError(c, 400, "project", project.message);
    const removed = await store.remove(project.name, query.data.release);
    if (removed > 0) {
      const facts = { project: project.name, release: query.data.release, files: removed };
      await audit.append({
        kind: "sourcemaps.removed",
        actor: `person:${whoIs(c)}`,
        facts,
      });
    }
    return c.json({ removed });
  });
}

function projectOf(
  { projects }: SourceMapApiDeps,
  named: string | undefined,
): { kind: "named"; name: string } | { kind: "unclear"; message: string } {
  const known = [...new Set(projects())];
  if (named !== undefined && known.includes(named)) return { kind: "named", name: named };
  const [only, ...others] = known;
  if (named === undefined && only !== undefined && others.length === 0) return { kind: "named", name: only };
  const ways = known.length === 0 ? "none is configured" : known.join(", ");
  return { kind: "unclear", message: named === undefined ? `Which project? ${ways}` : `No project ${named}: ${ways}` };
}

function fullMessage(max: number): string {
  return `The source maps of this release are over ${max} bytes in all (sourceMaps.maxReleaseBytes).`;
}

function faultsIn(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
}
