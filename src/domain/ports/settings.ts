/** Small durable switches: paused, admin token hash. */
export interface Settings {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
}

/** The setting that the pause button writes: `true` while the kill switch is on. */
export const PAUSED_KEY = "paused";
