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

/** A wire event of a family of its own. */
export function wireEventOf(type: string, overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return wireEvent({ exception: { type, value: "x", stack: `${type}: x\n    at f (/srv/a.js:1:1)` }, ...overrides });
}
