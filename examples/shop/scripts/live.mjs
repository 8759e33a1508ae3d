/** Prints the commit that is live by the running server's own word; nothing when it is down. */
import { readServer } from "./release.mjs";

const ANSWER_MS = 2000;
const server = readServer(process.env.SHOP_HOME);

if (server !== null) {
  try {
    const response = await fetch(`http://127.0.0.1:${server.port}/version`, { signal: AbortSignal.timeout(ANSWER_MS) });
    console.log((await response.json()).commit);
  } catch {
    // Down.
  }
}
