import { ratio } from "./money.js";
import { findProduct } from "./products.js";

const RECOMMENDED_FROM = 4;

export function reviewRoutes({ data }) {
  return [
    [
      "GET",
      "/reviews/:sku/summary",
      ({ params }) => {
        const { sku } = findProduct(data, params.sku);
        return { body: { sku, ...summarize(data.reviews[sku] ?? []) } };
      },
    ],
  ];
}

/** How many reviews, their average, and the share that recommends the product. */
export function summarize(reviews) {
  const stars = reviews.map((review) => review.stars);
  const total = stars.reduce((sum, value) => sum + value);
  const recommending = stars.filter((value) => value >= RECOMMENDED_FROM).length;
  return { count: stars.length, average: ratio(total, stars.length), recommended: ratio(recommending, stars.length) };
}
