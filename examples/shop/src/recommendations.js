const SAME_CATEGORY = 1;
const SAME_TAG = 2;

/** SKUs of the products that are most like this one, best first. */
export function recommend(products, product, limit = 3) {
  return products
    .filter((other) => other.sku !== product.sku)
    .map((other) => ({ sku: other.sku, score: likeness(product, other) }))
    .filter((candidate) => candidate.score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map((candidate) => candidate.sku);
}

function likeness(product, other) {
  let score = other.category === product.category ? SAME_CATEGORY : 0;
  for (const tag of product.tags) {
    if (other.tags?.includes(tag)) score += SAME_TAG;
  }
  return score;
}
