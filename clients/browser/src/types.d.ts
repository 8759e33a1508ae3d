/** What the page knows of something thrown: the value, or only a message and a place. */
export interface Thrown {
  error?: unknown;
  message?: string;
  file?: string;
  line?: number;
  column?: number;
}
