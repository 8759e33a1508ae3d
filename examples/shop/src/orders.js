import { normalizeAddress } from "./addresses.js";
import { findCustomer } from "./customers.js";
import { badRequest } from "./errors.js";
import { sumCents } from "./money.js";
import { createStock } from "./stock.js";

export function orderRoutes({ data }) {
  const stock = createStock(data);
  let placed = 0;
  return [
    [
      "POST",
      "/orders",
      async ({ body }) => {
        const order = await priceOrder({ data, stock }, body);
        placed += 1;
        return { status: 201, body: { number: placed, ...order } };
      },
    ],
  ];
}

async function priceOrder({ data, stock }, input) {
  if (!Array.isArray(input.items) || input.items.length === 0) throw badRequest("an order needs items");
  const customer = findCustomer(data, input.customer);
  const lines = await Promise.all(input.items.map((item) => orderLine(stock, item)));
  if (input.gift === true) lines.push(await giftLine(stock, input.items.length));
  const deliverTo = input.deliverTo === undefined ? (customer.address ?? null) : normalizeAddress(input.deliverTo);
  return { customer: customer.id, lines, totalCents: sumCents(lines), deliverTo };
}

async function orderLine(stock, { sku, quantity = 1 }) {
  if (!Number.isInteger(quantity) || quantity < 1) throw badRequest("a quantity is a whole number from 1");
  const item = await stocked(stock, sku);
  return { sku, quantity, cents: item.price.cents * quantity };
}

async function stocked(stock, sku) {
  const item = await stock.find(sku);
  if (item === null) throw badRequest(`not in stock: ${sku}`);
  return item;
}

/** Each item is wrapped by itself. */
async function giftLine(stock, quantity) {
  const wrapping = stocked(stock, "gift-wrap");
  return { sku: "gift-wrap", quantity, cents: wrapping.price.cents * quantity };
}
