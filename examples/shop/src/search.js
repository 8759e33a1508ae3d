const MAX_HITS = 20;

export function searchRoutes({ data }) {
  return [
    [
      "GET",
      "/search",
      ({ query }) => {
        const hits = search(data.products, query.q ?? "");
        return { body: { count: hits.length, hits: hits.slice(0, MAX_HITS).map(({ sku, name }) => ({ sku, name })) } };
      },
    ],
  ];
}

/** Products whose name or tags hold every word; none for no words. */
export function search(products, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return products.filter((product) => {
    const haystack = [product.name, product.category, ...(product.tags ?? [])].join(" ").toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}
