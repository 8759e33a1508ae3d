/** Milliseconds since the epoch. A parameter everywhere, so that tests own the time. */
export interface Clock {
  now(): number;
}
