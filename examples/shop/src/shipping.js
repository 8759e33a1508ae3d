import { badRequest } from "./errors.js";

export function shippingRoutes({ data }) {
  return [
    [
      "GET",
      "/shipping/quote",
      ({ query }) => {
        const grams = Number(query.grams);
        if (!Number.isInteger(grams) || grams < 1) throw badRequest("grams is a whole number from 1");
        const zone = data.shipping.zones[query.country];
        if (zone === undefined) throw badRequest("the shop does not deliver there");
        return { body: { country: query.country, grams, cents: parcelCents(data.shipping, zone, grams) } };
      },
    ],
  ];
}

/** The price of the first tier that the weight fits into; heavier parcels go by freight. */
export function parcelCents({ tiers, freightCents }, zone, grams) {
  const steps = tiers[zone];
  for (let i = 0; i <= steps.length; i += 1) {
    const step = steps[i];
    if (grams > step.upToGrams) continue;
    return step.cents;
  }
  return freightCents;
}
