/** Small durable switches: paused, admin token hash. */
export interface Settings {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
}
