/** An Event in the native wire form. */
export function wireEvent(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    service: "shop-api",
    platform: "node",
    exception: {
      type: "TypeError",
      value: "Cannot read properties of undefined (reading 'city')",
      stack:
        "TypeError: Cannot read properties of undefined (reading 'city')\n    at city (/srv/shop/src/cart.js:12:23)\n    at node:internal/process/task_queues:105:5",
    },
    ...overrides,
  };
}
