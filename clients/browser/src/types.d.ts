/** A thrown value as the page knows it: the value itself, or only a message and a location. */
export interface Thrown {
  error?: unknown;
  message?: string;
  file?: string;
  line?: number;
  column?: number;
}
