import assert from "node:assert/strict";
import { test } from "node:test";
import { discount, findVoucher } from "../src/vouchers.js";

test("finds a voucher by its code", () => {
  assert.deepEqual(findVoucher({ vouchers: { X: { percent: 5 } } }, "X"), { percent: 5 });
  assert.throws(() => findVoucher({ vouchers: {} }, "X"), { status: 400 });
});

test("takes a percentage off all lines, to the cent", () => {
  assert.equal(discount({ percent: 15 }, [{ sku: "mint", cents: 333 }, { sku: "cup", cents: 900 }]), 185);
  assert.equal(discount({ percent: 15 }, []), 0);
});
