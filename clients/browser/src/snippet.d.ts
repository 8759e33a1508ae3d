/** See snippet.js. */
export const snippet: string;
