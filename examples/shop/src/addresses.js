import { badRequest } from "./errors.js";

const REQUIRED = ["name", "street", "houseNumber", "postcode", "city", "country"];

export function addressRoutes() {
  return [["POST", "/addresses/check", ({ body }) => ({ body: normalizeAddress(body) })]];
}

/** An address as it goes on a label: trimmed texts, upper-case codes. Callers send house numbers as text or as numbers. */
export function normalizeAddress(input) {
  const missing = REQUIRED.filter((field) => input[field] === undefined || input[field] === null);
  if (missing.length > 0) throw badRequest(`an address needs ${missing.join(", ")}`);
  return {
    name: String(input.name).trim(),
    street: String(input.street).trim(),
    houseNumber: String(input.houseNumber).trim(),
    postcode: input.postcode.trim().toUpperCase(),
    city: String(input.city).trim(),
    country: String(input.country).trim().toUpperCase(),
  };
}
