import { z } from "zod";

/** One day, milliseconds. */
export const DAY_MS = 86_400_000;

/** A whole number, 0 or more. */
export const count = () => z.number().int().nonnegative();

/** A whole number, 1 or more. */
export const atLeastOne = () => z.number().int().positive();
