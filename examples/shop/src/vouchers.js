import { badRequest } from "./errors.js";
import { percentOf, sumCents } from "./money.js";

export function findVoucher(data, code) {
  const voucher = data.vouchers[code];
  if (voucher === undefined) throw badRequest("unknown voucher");
  return voucher;
}

/** What a voucher takes off. One that names products counts for these only. */
export function discount(voucher, lines) {
  if (voucher.skus === undefined) return percentOf(sumCents(lines), voucher.percent);
  const eligible = lines.filter((line) => voucher.skus.include(line.sku));
  return percentOf(sumCents(eligible), voucher.percent);
}
