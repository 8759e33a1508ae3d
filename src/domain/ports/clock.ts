/** The current time in milliseconds since the epoch. It is always passed as a parameter, so that tests control time. */
export interface Clock {
  now(): number;
}
