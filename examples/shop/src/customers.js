import { notFound } from "./errors.js";

export function customerRoutes({ data }) {
  return [
    [
      "GET",
      "/customers/:id/delivery",
      ({ params }) => {
        const customer = findCustomer(data, params.id);
        return { body: { id: customer.id, greeting: greeting(customer), zone: deliveryZone(data.shipping.zones, customer) } };
      },
    ],
  ];
}

export function findCustomer(data, id) {
  const customer = data.customers.find((candidate) => candidate.id === id);
  if (customer === undefined) throw notFound("customer");
  return customer;
}

export function greeting(customer) {
  const city = customer.address?.city;
  return city === undefined ? customer.name : `${customer.name}, ${city}`;
}

/** The zone that parcels go to. Where the shop does not deliver, customers collect. */
export function deliveryZone(zones, customer) {
  const country = customer.address.country;
  return zones[country] ?? "collect";
}
