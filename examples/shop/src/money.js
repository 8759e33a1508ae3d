/** Amounts are whole cents. */
export const percentOf = (cents, percent) => Math.round((cents * percent) / 100);

/** A share to two decimals; 0 of nothing is 0. */
export const ratio = (part, whole) => (whole === 0 ? 0 : Math.round((part / whole) * 100) / 100);

export const sumCents = (lines) => lines.reduce((sum, line) => sum + line.cents, 0);
