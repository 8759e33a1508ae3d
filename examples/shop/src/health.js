import { priceList } from "./prices.js";

export function healthRoutes({ data }) {
  return [
    [
      "GET",
      "/health",
      () => {
        const faults = selfCheck(data);
        return faults.length === 0 ? { body: { status: "ok" } } : { status: 503, body: { status: "failing", faults } };
      },
    ],
  ];
}

/** What is wrong with the data that is being served. A shop that would give its goods away must not stay open. */
export function selfCheck(data) {
  return priceList(data)
    .filter((price) => !(price.amount > 0))
    .map((price) => `${price.sku} costs ${price.amount} ${price.currency}`);
}
