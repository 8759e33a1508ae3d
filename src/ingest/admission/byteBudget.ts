/** Bytes that one request or connection holds in memory. */
export interface ByteLease {
  /** Books more of them; false, and nothing is booked, where all requests together would hold too many. */
  take(bytes: number): boolean;
  /** Gives some of them back, at the end all. */
  give(bytes?: number): void;
}

export interface ByteBudget {
  open(): ByteLease;
  /** Booked at the moment, by all. */
  held(): number;
}

/** Bounds what all requests together hold: each alone is bounded, but a thousand of them are not. */
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
