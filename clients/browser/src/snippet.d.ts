export const snippet: string;
