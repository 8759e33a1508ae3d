/** Stops the server that runs in $SHOP_HOME. */
import { stopServer } from "./release.mjs";

await stopServer(process.env.SHOP_HOME);
