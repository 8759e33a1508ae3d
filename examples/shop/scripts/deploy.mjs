/** Puts the checkout in $SELFHEAL_RELEASE_DIR live as $SELFHEAL_COMMIT, in the folder $SHOP_HOME. Exits 1 when it does not start. */
import { keepRelease, startServer, stopServer } from "./release.mjs";

const { SHOP_HOME, SELFHEAL_COMMIT, SELFHEAL_RELEASE_DIR } = process.env;

if (!SHOP_HOME || !SELFHEAL_COMMIT || !SELFHEAL_RELEASE_DIR) {
  console.error("needs SHOP_HOME, SELFHEAL_COMMIT and SELFHEAL_RELEASE_DIR");
  process.exit(2);
}

try {
  const release = keepRelease(SHOP_HOME, SELFHEAL_COMMIT, SELFHEAL_RELEASE_DIR);
  await stopServer(SHOP_HOME);
  const port = await startServer(SHOP_HOME, release, SELFHEAL_COMMIT);
  console.log(`${SELFHEAL_COMMIT} listens on port ${port}`);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
