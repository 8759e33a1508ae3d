import { z } from "zod";
import { overridable, variableOf } from "./environment.ts";
import { Config } from "./schema.ts";
import { factsOf, inner, keysOf, optionsOf, wordsOf } from "./schemaShape.ts";

interface Row {
  key: string;
  schema: z.ZodType;
}

const HEAD = "| key | what may stand there | default | meaning | a change holds |\n|---|---|---|---|---|";

/** The generated tables of docs/configuration.md, by table name. */
export function configTables(): Record<string, string> {
  const all = rowsOf(Config, "");
  const service = all
    .filter(({ key }) => key.startsWith("services[]."))
    .map(({ key, schema }) => ({ key: key.slice(11), schema }));
  const others = all.filter(({ key }) => !key.startsWith("services[]."));
  const variables = [...overridable(Config).keys()].map((key) => `| \`${variableOf(key)}\` | \`${key}\` |`);
  return {
    keys: [HEAD, ...others.map(line)].join("\n"),
    service: [HEAD, ...service.map(line)].join("\n"),
    variables: ["| variable | key |\n|---|---|", ...variables].join("\n"),
  };
}

/** The page with its tables generated anew, between `<!-- table: name -->` and `<!-- end -->`. */
export function withTables(page: string): string {
  const tables = configTables();
  return page.replace(
    /(<!-- table: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, name: string, end: string) => `${start}${tables[name] ?? ""}\n${end}`,
  );
}

function rowsOf(schema: z.ZodType, key: string): Row[] {
  const bare = inner(schema);
  const own = factsOf(schema) === undefined ? [] : [{ key, schema }];
  if (bare instanceof z.ZodArray) {
    const element = inner(bare.element as z.ZodType);
    return [
      ...own,
      ...(element instanceof z.ZodObject || element instanceof z.ZodDiscriminatedUnion
        ? rowsOf(element, `${key}[]`)
        : []),
    ];
  }
  if (bare instanceof z.ZodDiscriminatedUnion) {
    return optionsOf(bare).flatMap((option) => rowsOf(option.schema, `${key} ${option.literal}`));
  }
  if (!(bare instanceof z.ZodObject)) return own;
  return [...keysOf(bare)].flatMap(([name, below]) => rowsOf(below, key === "" ? name : `${key}.${name}`));
}

function line({ key, schema }: Row): string {
  const facts = factsOf(schema);
  const cells = [
    `\`${key}\``,
    wordsOf(schema),
    defaultText(schema),
    facts?.description ?? "",
    facts?.applies === "live" ? "at once" : "after a restart",
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function defaultText(schema: z.ZodType): string {
  if (schema instanceof z.ZodDefault) return `\`${JSON.stringify(schema.def.defaultValue)}\``;
  return schema instanceof z.ZodOptional ? "–" : "required";
}
