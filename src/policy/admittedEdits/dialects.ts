import { otherLanguageOf } from "../../syntax/grammars.ts";
import { isScript } from "../../syntax/source.ts";
import type { Dialect } from "./dialect.ts";
import { elixir } from "./elixir/index.ts";
import { javascript } from "./javascript/index.ts";
import { python } from "./python/index.ts";

const OTHERS = { python, elixir };

/** The dialect of a file by its extension; null: no program here judges its language. */
export function dialectOf(path: string): Dialect | null {
  if (isScript(path)) return javascript;
  const language = otherLanguageOf(path);
  return language === null ? null : OTHERS[language];
}
