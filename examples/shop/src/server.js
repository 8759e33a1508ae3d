import { createServer } from "node:http";

const MAX_BODY_BYTES = 64 * 1024;

/** Puts the app on HTTP. The caller listens and closes. */
export function createShopServer(app) {
  return createServer(async (req, res) => {
    try {
      const body = await readBody(req);
      const reply =
        body === null
          ? { status: 413, body: { error: "the body is too large" } }
          : await app.handle({ method: req.method, url: req.url, headers: req.headers, body });
      res.writeHead(reply.status, { "content-type": "application/json" });
      res.end(JSON.stringify(reply.body));
    } catch {
      res.destroy(); // The caller hung up while the body was read: nobody is left to answer.
    }
  });
}

/** The body as text, undefined when there is none, null when it is too large. */
async function readBody(req) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of req) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) return null;
  return bytes === 0 ? undefined : Buffer.concat(chunks).toString("utf8");
}
