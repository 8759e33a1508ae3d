/** See snapshot.js. */
export function snapshot(...scopes: Record<string, unknown>[]): Record<string, unknown>[];
