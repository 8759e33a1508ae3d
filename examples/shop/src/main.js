import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createApp } from "./app.js";
import { loadData } from "./data.js";
import { createReporter } from "./reporter.js";
import { createShopServer } from "./server.js";

const { SHOP_HOME, SHOP_PORT = "0", SHOP_COMMIT = "unknown" } = process.env;
const CLOSE_AFTER_MS = 1000;

const reporter = await createReporter({
  clientPath: process.env.SHOP_CLIENT,
  url: process.env.SHOP_REPORT_URL,
  key: process.env.SHOP_REPORT_KEY,
  service: process.env.SHOP_SERVICE ?? "shop",
  release: SHOP_COMMIT,
  environment: "production",
});
const server = createShopServer(createApp({ data: loadData(), reporter, commit: SHOP_COMMIT }));

server.listen(Number(SHOP_PORT), "127.0.0.1", () => {
  const { port } = server.address();
  console.log(`tea shop ${SHOP_COMMIT} on http://127.0.0.1:${port}`);
  if (SHOP_HOME) announce(SHOP_HOME, port);
  // The deploy script waits for this word.
  if (process.connected) process.send({ listening: port });
});

for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, stop);

/** Leaves where this process can be found; the file goes with the process. */
function announce(home, port) {
  const file = join(home, "server.json");
  writeFileSync(file, JSON.stringify({ pid: process.pid, port, commit: SHOP_COMMIT }));
  process.on("exit", () => rmSync(file, { force: true }));
}

/** Answers what is under way, sends what was captured, and goes. */
function stop() {
  server.close(async () => {
    await reporter.close();
    process.exit(0);
  });
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), CLOSE_AFTER_MS).unref();
}
