import { badRequest } from "./errors.js";
import { findProduct } from "./products.js";

const CENTS = { digits: 2, symbolFirst: false };
const WRITTEN = { EUR: CENTS, CHF: CENTS, GBP: { digits: 2, symbolFirst: true }, USD: { digits: 2, symbolFirst: true } };

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
  const form = writtenForm(currency);
  const text = ((cents / 100) * rate).toFixed(form.digits);
  return { currency, amount: Number(text), text: form.symbolFirst ? `${currency} ${text}` : `${text} ${currency}` };
}

function writtenForm(currency) {
  const form = WRITTEN[currency];
  if (form !== undefined) return form;
  wholeUnits(currency);
}

/** Currencies that are not written with decimals. */
function wholeUnits(currency) {
  return { digits: 0, symbolFirst: currency === "JPY" };
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
