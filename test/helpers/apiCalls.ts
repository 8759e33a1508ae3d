import type { DashboardHome } from "./dashboardHome.ts";

export interface ApiReply {
  status: number;
  body: { error?: { code: string; message: string; faults?: { path: string }[] }; [key: string]: unknown };
}

/** Calls the REST API with a token, by default the admin token; a string body is sent as it is. */
export async function callApi(
  home: DashboardHome,
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
  token = home.token,
): Promise<ApiReply> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const reply = await home.app.request(path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: text }),
  });
  return { status: reply.status, body: (await reply.json()) as ApiReply["body"] };
}
