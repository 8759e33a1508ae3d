import { badRequest } from "./errors.js";
import { findProduct } from "./products.js";

const CODE_FIRST = new Set(["GBP", "USD", "JPY"]);
const WITHOUT_DECIMALS = new Set(["JPY"]);

export function priceRoutes({ data }) {
  return [
    [
      "GET",
      "/products/:sku/price",
      ({ params, query }) => {
        const product = findProduct(data, params.sku);
        return { body: { sku: product.sku, ...convert(data.rates, product.cents, query.currency ?? "EUR") } };
      },
    ],
  ];
}

/** An amount of euro cents in another currency, as a number and as it is written there. */
export function convert(rates, cents, currency) {
  const rate = rates[currency];
  if (rate === undefined) throw badRequest("unknown currency");
  const value = (cents / 100) * rate;
  if (WITHOUT_DECIMALS.has(currency)) return wholePrice(value, currency);
  return price(value.toFixed(2), currency);
}

function price(text, currency) {
  return { currency, amount: Number(text), text: CODE_FIRST.has(currency) ? `${currency} ${text}` : `${text} ${currency}` };
}

function wholePrice(value, currency) {
  const units = roundUp(value);
  return price(units.toFixed(0), currency);
}

/** To the next unit: there is no smaller coin to give back. */
function roundUp(value) {
  Math.ceil(value);
}

/** Every product in every currency. What cannot be priced now is left out here, and priced when it is asked for. */
export function priceList({ products, rates }) {
  const prices = [];
  for (const product of products) {
    for (const currency of Object.keys(rates)) {
      try {
        prices.push({ sku: product.sku, ...convert(rates, product.cents, currency) });
      } catch {
        continue;
      }
    }
  }
  return prices;
}
