import { createHash } from "node:crypto";
import type { CapturedEvent } from "../../src/domain/event.ts";
import { BUILT_AT } from "./ticketBuilder.ts";

let built = 0;

/** An event id that follows from a name. */
export function eventId(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 32);
}

/** A TypeError in the shop's cart, taken in from a server key. Each call gives another id unless one is given. */
export function buildEvent(overrides: Partial<CapturedEvent> = {}): CapturedEvent {
  built += 1;
  return {
    id: eventId(`event ${built}`),
    project: "shop",
    service: "shop-api",
    platform: "node",
    level: "error",
    handled: false,
    timestamp: BUILT_AT,
    receivedAt: BUILT_AT,
    trustTier: "T1",
    exception: {
      type: "TypeError",
      value: "Cannot read properties of undefined (reading 'city')",
      frames: [
        { file: "/srv/shop/src/cart.js", function: "city", line: 12, column: 23, inApp: true },
        { file: "/srv/shop/src/checkout.js", function: "ship", line: 40, column: 9, inApp: true },
        { file: "node:internal/process/task_queues", function: "processTicksAndRejections", line: 105, inApp: false },
      ],
    },
    causes: [],
    tags: {},
    extra: {},
    ...overrides,
  };
}
