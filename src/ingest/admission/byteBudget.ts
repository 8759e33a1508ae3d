/** The bytes that one request or connection reserves in memory. */
export interface ByteLease {
  /** Reserves `bytes` more. Returns false and reserves nothing if all requests together would exceed the limit. */
  take(bytes: number): boolean;
  /** Releases `bytes`; by default all that are reserved. */
  give(bytes?: number): void;
}

/** A limit on the memory of all requests and connections together. */
export interface ByteBudget {
  open(): ByteLease;
  /** Bytes that all requests have reserved at the moment. */
  held(): number;
}

/**
 * Creates a budget of `max` bytes for all requests together. The limit of each request alone would not bound the memory
 * of a thousand requests.
 */
export function createByteBudget(max: number): ByteBudget {
  let held = 0;
  return {
    held: () => held,
    open: () => {
      let own = 0;
      return {
        take: (bytes) => {
          if (held + bytes > max) return false;
          held += bytes;
          own += bytes;
          return true;
        },
        give: (bytes = own) => {
          const back = Math.min(bytes, own);
          held -= back;
          own -= back;
        },
      };
    },
  };
}
