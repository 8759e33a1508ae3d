import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type AuditEntry, AuditKind } from "../../src/domain/audit.ts";
import { testSystem, tinyCrash } from "../helpers/system.ts";

const page = readFileSync(new URL("../../docs/audit.md", import.meta.url), "utf8");

/** Fact names by kind, as the page's table has them. */
const rows = new Map(
  [...page.matchAll(/^\| `([a-z]+\.[a-z_]+)` \|[^|]*\|(.*)\|$/gm)].map(([, kind = "", facts = ""]) => [
    kind,
    [...facts.matchAll(/`([\w.*]+)`/g)].map((match) => match[1] ?? ""),
  ]),
);

function isDocumented({ kind }: AuditEntry, fact: string): boolean {
  return (rows.get(kind) ?? []).some(
    (name) => name === fact || (name.endsWith("*") && fact.startsWith(name.slice(0, -1))),
  );
}

describe("docs/audit.md", () => {
  it("has a row for every kind, and no other", () => {
    expect([...rows.keys()].sort()).toEqual([...AuditKind.options].sort());
  });

  it("names every fact of the entries that a heal with a person's answer leaves", async () => {
    const t = await testSystem({ config: { autonomy: "supervised" } });
    const id = await t.crash(tinyCrash());
    await t.answer(id, {
      type: "approve",
      by: "mia",
      message: "",
      patchDigest: (await t.ticket(id)).patch?.digest ?? "",
    });
    await t.fireDue(2000);
    expect((await t.ticket(id)).state).toBe("healed");
    const entries = await t.system.stores.audit.list();
    const unknown = entries.flatMap((entry) =>
      Object.keys(entry.facts)
        .filter((fact) => !isDocumented(entry, fact))
        .map((fact) => `${entry.kind}: ${fact}`),
    );
    expect(unknown).toEqual([]);
    expect(new Set(entries.map((e) => e.kind)).size).toBeGreaterThan(9);
  });
});
