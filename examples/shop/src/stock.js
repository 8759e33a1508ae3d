/** The warehouse. Asynchronous, for the real one is a service of its own. */
export function createStock({ products, extras }) {
  const items = new Map([...products, ...extras].map(({ sku, cents }) => [sku, { sku, price: { cents, currency: "EUR" } }]));
  return {
    /** The item of a SKU; null when the shop has none. */
    async find(sku) {
      return items.get(sku) ?? null;
    },
  };
}
