import { notFound } from "./errors.js";
import { recommend } from "./recommendations.js";

export function productRoutes({ data, reporter }) {
  return [
    [
      "GET",
      "/products/:sku",
      ({ params, request }) => {
        const product = findProduct(data, params.sku);
        return { body: { ...product, recommendations: recommendations(product, request) } };
      },
    ],
  ];

  /** A product page without recommendations is better than none. */
  function recommendations(product, request) {
    try {
      return recommend(data.products, product);
    } catch (error) {
      reporter.captureException(error, { request, handled: true, level: "error" });
      return [];
    }
  }
}

export function findProduct(data, sku) {
  const product = data.products.find((candidate) => candidate.sku === sku);
  if (product === undefined) throw notFound("product");
  return product;
}
