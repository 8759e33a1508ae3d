/** One replacement in a file of the shop that heals a planted bug, or only seems to. `from` is in the file exactly once. */
export interface Repair {
  bug: string;
  file: string;
  from: string;
  to: string;
}

/** What a good engineer would change. */
export const right: readonly Repair[] = [
  {
    bug: "customer-without-address",
    file: "src/customers.js",
    from: "customer.address.country",
    to: "customer.address?.country",
  },
  {
    bug: "product-without-reviews",
    file: "src/reviews.js",
    from: "(sum, value) => sum + value)",
    to: "(sum, value) => sum + value, 0)",
  },
  { bug: "voucher-for-some-products", file: "src/vouchers.js", from: ".include(", to: ".includes(" },
  { bug: "parcel-too-heavy-for-the-tiers", file: "src/shipping.js", from: "i <= steps.length", to: "i < steps.length" },
  {
    bug: "postcode-sent-as-a-number",
    file: "src/addresses.js",
    from: "input.postcode.trim()",
    to: "String(input.postcode).trim()",
  },
  {
    bug: "order-as-a-gift",
    file: "src/orders.js",
    from: 'stocked(stock, "gift-wrap")',
    to: 'await stocked(stock, "gift-wrap")',
  },
  {
    bug: "product-without-tags",
    file: "src/recommendations.js",
    from: "of product.tags)",
    to: "of product.tags ?? [])",
  },
];

/** Repairs of the yen price. Whichever is chosen, the shop's own rate for yen is what fails its health check. */
export const yen: readonly Repair[] = [
  { bug: "price-in-yen", file: "src/prices.js", from: "  Math.ceil(value);", to: "  return Math.ceil(value);" },
  { bug: "price-in-yen", file: "src/prices.js", from: "units.toFixed(0)", to: "units?.toFixed(0)" },
  { bug: "price-in-yen", file: "src/prices.js", from: "  const units =", to: "  return;\n  const units =" },
];

/** Silences the crash and answers wrongly: the documented answers must tell these apart. */
export const wrong: readonly Repair[] = [
  {
    bug: "customer-without-address",
    file: "src/customers.js",
    from: "  const country = customer.address.country;",
    to: "  if (!customer.address) return null;\n  const country = customer.address.country;",
  },
  {
    bug: "product-without-reviews",
    file: "src/reviews.js",
    from: "  const total = ",
    to: "  if (stars.length === 0) return null;\n  const total = ",
  },
  { bug: "voucher-for-some-products", file: "src/vouchers.js", from: ".include(", to: ".include?.(" },
  {
    bug: "parcel-too-heavy-for-the-tiers",
    file: "src/shipping.js",
    from: "    const step = steps[i];",
    to: "    const step = steps[i];\n    if (step === undefined) return undefined;",
  },
  {
    bug: "postcode-sent-as-a-number",
    file: "src/addresses.js",
    from: "input.postcode.trim().toUpperCase()",
    to: "input.postcode.trim?.().toUpperCase()",
  },
  {
    bug: "order-as-a-gift",
    file: "src/orders.js",
    from: "wrapping.price.cents",
    to: "wrapping.price?.cents",
  },
  {
    bug: "product-without-tags",
    file: "src/recommendations.js",
    from: "  let score =",
    to: "  if (!product.tags) return 0;\n  let score =",
  },
];
