import { addressRoutes } from "./addresses.js";
import { cartRoutes } from "./carts.js";
import { customerRoutes } from "./customers.js";
import { HttpError } from "./errors.js";
import { healthRoutes } from "./health.js";
import { orderRoutes } from "./orders.js";
import { priceRoutes } from "./prices.js";
import { productRoutes } from "./products.js";
import { reviewRoutes } from "./reviews.js";
import { createRouter } from "./router.js";
import { searchRoutes } from "./search.js";
import { shippingRoutes } from "./shipping.js";

/** The whole shop as one function, `handle(request) → {status, body}`, with no socket in it. Whatever a route did not expect is reported. */
export function createApp({ data, reporter, commit = "unknown" }) {
  const shop = { data, reporter, commit };
  const route = createRouter([
    ...productRoutes(shop),
    ...cartRoutes(shop),
    ...orderRoutes(shop),
    ...addressRoutes(shop),
    ...customerRoutes(shop),
    ...searchRoutes(shop),
    ...reviewRoutes(shop),
    ...shippingRoutes(shop),
    ...priceRoutes(shop),
    ...healthRoutes(shop),
    ["GET", "/version", () => ({ body: { commit, pid: process.pid } })],
  ]);

  async function handle(request) {
    try {
      const { status = 200, body } = await route(request);
      return { status, body };
    } catch (error) {
      if (error instanceof HttpError) return { status: error.status, body: { error: error.message } };
      reporter.captureException(error, { request, handled: false, level: "error" });
      return { status: 500, body: { error: "something went wrong" } };
    }
  }

  return { handle };
}
