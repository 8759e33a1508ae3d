/** Small durable values by key, such as the pause switch and the hash of the admin token. */
export interface Settings {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
}

/** The setting that the pause button writes: `true` while the kill switch is on. */
export const PAUSED_KEY = "paused";
