import { register } from "node:module";

/**
 * The LangGraph API imports the package.json of the packages that it needs, without saying that it is JSON. tsx lets that
 * pass; plain Node refuses, and the API then warns at every start that their versions are "0.0.0", and writes that into each
 * run's metadata. To be called before the API is loaded by plain Node.
 */
export function letPackageFilesBeImported(): void {
  register(`data:text/javascript,${encodeURIComponent(HOOK)}`);
}

const HOOK = `export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (!/^@langchain\\/[\\w-]+\\/package\\.json$/.test(specifier)) return found;
  return { ...found, importAttributes: { ...found.importAttributes, type: "json" } };
}`;
