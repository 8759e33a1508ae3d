import { elixir } from "./elixir/index.ts";
import type { RepairLanguage } from "./language.ts";
import { python } from "./python/index.ts";

/** The languages beside JavaScript that the engine repairs. */
export const LANGUAGES: readonly RepairLanguage[] = [python, elixir];
