import { notFound } from "./errors.js";
import { sumCents } from "./money.js";
import { findProduct } from "./products.js";
import { discount, findVoucher } from "./vouchers.js";

export function cartRoutes({ data }) {
  return [
    [
      "GET",
      "/carts/:id/total",
      ({ params, query }) => {
        const cart = data.carts[params.id];
        if (cart === undefined) throw notFound("cart");
        const lines = cart.items.map((item) => cartLine(data, item));
        const voucher = query.voucher === undefined ? null : findVoucher(data, query.voucher);
        return { body: { cart: params.id, ...total(lines, voucher) } };
      },
    ],
  ];
}

function cartLine(data, { sku, quantity }) {
  return { sku, quantity, cents: findProduct(data, sku).cents * quantity };
}

export function total(lines, voucher) {
  const subtotalCents = sumCents(lines);
  const discountCents = voucher === null ? 0 : discount(voucher, lines);
  return { subtotalCents, discountCents, totalCents: subtotalCents - discountCents };
}
