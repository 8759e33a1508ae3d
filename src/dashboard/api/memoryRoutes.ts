import type { Hono } from "hono";
import { type AccessEnv, visibleServices, whoIs } from "../access/caller.ts";

import type { DashboardDeps } from "../deps.ts";
import { jsonError } from "../errorResponses.ts";
import { isVisible } from "../visible.ts";

/** `GET /v1/memory` (`?service=`), and `DELETE /v1/memory/:id`. A deleted Lesson is not learned again. */
export function addMemoryRoutes(api: Hono<AccessEnv>, deps: Pick<DashboardDeps, "lessons" | "audit">): void {
  api.get("/v1/memory", async (c) => {
    const service = c.req.query("service");
    const visible = visibleServices(c);
    const lessons = await deps.lessons.list({ ...(service !== undefined && { service }), limit: 1000 });
    return c.json({ lessons: lessons.filter((lesson) => isVisible(visible, lesson.service)) });
  });
  api.delete("/v1/memory/:id", async (c) => {
    const id = c.req.param("id");
    if (!(await deps.lessons.forget(id))) return jsonError(c, 404, "lessonNotFound", "There is no such lesson.");
    const by = whoIs(c);
    await deps.audit.append({ kind: "lesson.forgotten", actor: `person:${by}`, facts: { lesson: id } });
    return c.json({ forgotten: id });
  });
}
