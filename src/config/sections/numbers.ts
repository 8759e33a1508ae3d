import { z } from "zod";

export const DAY_MS = 86_400_000;

export const count = () => z.number().int().nonnegative();

export const atLeastOne = () => z.number().int().positive();
