import { z } from "zod";
import { configKeys, type KeyFacts } from "../domain/configKey.ts";

/** A path in the configuration: `["services", 0, "repo"]`. */
export type Path = readonly (string | number)[];

/** A path as a person would write it: `services[0].repo`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
}

/** The schema without the wrappers default, prefault and optional. */
export function inner(schema: z.ZodType): z.ZodType {
  return isWrapper(schema) ? inner(schema.unwrap() as z.ZodType) : schema;
}

/** The registered facts of a key, also through a default around the schema. */
export function factsOf(schema: z.ZodType): KeyFacts | undefined {
  return configKeys.get(schema) ?? (isWrapper(schema) ? factsOf(schema.unwrap() as z.ZodType) : undefined);
}

function isWrapper(schema: z.ZodType): schema is z.ZodDefault | z.ZodPrefault | z.ZodOptional {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
}

/** The keys of an object schema with their schemas. For a union, those of the option that `value` selects. */
export function keysOf(schema: z.ZodType, value?: unknown): Map<string, z.ZodType> {
  const bare = inner(schema);
  if (bare instanceof z.ZodObject) return new Map(Object.entries(bare.shape));
  if (bare instanceof z.ZodDiscriminatedUnion) {
    const chosen = optionsOf(bare).find(({ literal }) => literal === (value as { type?: unknown } | undefined)?.type);
    return chosen === undefined ? new Map() : keysOf(chosen.schema);
  }
  if (bare instanceof z.ZodRecord && bare.keyType instanceof z.ZodEnum) {
    return new Map(bare.keyType.options.map((name) => [String(name), bare.valueType as z.ZodType]));
  }
  return new Map();
}

/** The options of a union, each with its discriminator value. */
export function optionsOf(union: z.ZodDiscriminatedUnion): { literal: string; schema: z.ZodObject }[] {
  return union.options.map((option) => {
    const schema = option as z.ZodObject;
    return { literal: String((schema.shape[union.def.discriminator] as z.ZodLiteral).value), schema };
  });
}

/** The schema at a path; undefined if the configuration has no such path. */
export function schemaAt(root: z.ZodType, path: readonly PropertyKey[], value?: unknown): z.ZodType | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return root;
  const below = (value as Record<PropertyKey, unknown> | null | undefined)?.[first];
  const bare = inner(root);
  if (bare instanceof z.ZodArray) return schemaAt(bare.element as z.ZodType, rest, below);
  if (bare instanceof z.ZodRecord && !(bare.keyType instanceof z.ZodEnum)) {
    return schemaAt(bare.valueType as z.ZodType, rest, below);
  }
  const next = keysOf(bare, value).get(String(first)) ?? discriminator(bare, first);
  return next === undefined ? undefined : schemaAt(next, rest, below);
}

function discriminator(schema: z.ZodType, key: PropertyKey): z.ZodType | undefined {
  if (!(schema instanceof z.ZodDiscriminatedUnion) || schema.def.discriminator !== key) return undefined;
  return z.enum(optionsOf(schema).map(({ literal }) => literal));
}

/** The allowed values in words: `a whole number, 0 to 65535`. */
export function wordsOf(schema: z.ZodType): string {
  const bare = inner(schema);
  if (bare instanceof z.ZodNumber) return numberWords(bare);
  if (bare instanceof z.ZodBoolean) return "true or false";
  if (bare instanceof z.ZodEnum) return `one of ${bare.options.join(", ")}`;
  if (bare instanceof z.ZodLiteral) return `"${String(bare.value)}"`;
  if (bare instanceof z.ZodURL || (bare instanceof z.ZodString && bare.format === "url")) return "a URL";
  if (bare instanceof z.ZodString)
    return (bare.minLength ?? 0) > 1 ? `a text of at least ${bare.minLength} characters` : "a text";
  if (bare instanceof z.ZodArray) return listWords(bare.element as z.ZodType);
  return "an object";
}

function numberWords(schema: z.ZodNumber): string {
  const { minimum, exclusiveMinimum, maximum } = z.toJSONSchema(schema);
  const kind = schema.isInt ? "a whole number" : "a number";
  const over = typeof exclusiveMinimum === "number" ? exclusiveMinimum : undefined;
  const from = over !== undefined && schema.isInt ? over + 1 : minimum;
  if (from === undefined) return over === undefined ? kind : `${kind} over ${over}`;
  // JSON Schema limits whole numbers to the safe integers.
  const bounded = maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER;
  return bounded ? `${kind}, ${from} to ${maximum}` : `${kind}, at least ${from}`;
}

function listWords(element: z.ZodType): string {
  const bare = inner(element);
  if (bare instanceof z.ZodEnum) return `a list of ${bare.options.join(", ")}`;
  if (bare instanceof z.ZodString) return "a list of texts";
  return bare instanceof z.ZodURL ? "a list of URLs" : "a list of objects";
}
