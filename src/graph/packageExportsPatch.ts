import { register } from "node:module";

/**
 * Lets the LangGraph API import the package.json files of the packages it needs. It imports them without the JSON
 * attribute. tsx accepts that, but plain Node refuses: the API then warns at every start that their versions are
 * "0.0.0", and writes that into each run's metadata. In plain Node, call this before the API is loaded.
 */
export function letPackageFilesBeImported(): void {
  register(`data:text/javascript,${encodeURIComponent(HOOK)}`);
}

const HOOK = `export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (!/^@langchain\\/[\\w-]+\\/package\\.json$/.test(specifier)) return found;
  return { ...found, importAttributes: { ...found.importAttributes, type: "json" } };
}`;
