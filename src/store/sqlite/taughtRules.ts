import { Issue } from "../../domain/issue.ts";
import { TaughtRule, type TaughtRules, taughtWords } from "../../domain/taughtRule.ts";
import type { EmbeddedDatabase } from "./database.ts";
import { readStored } from "./storedJson.ts";

/**
 * Creates the store of rules that people taught about Issues. Active rules are cached in memory, because every Event is
 * checked against them.
 */
export function createTaughtRules(db: EmbeddedDatabase): TaughtRules {
  const sql = prepare(db);
  const read = (json: string) => readStored(TaughtRule, json, "a taught rule");
  const keyOf = (project: string, service: string) => JSON.stringify([project, service]);
  let held: ReadonlyMap<string, readonly TaughtRule[]> | null = null;
  const load = () => {
    const rules = new Map<string, TaughtRule[]>();
    for (const rule of sql.holding.all().map(read)) {
      const key = keyOf(rule.project, rule.service);
      rules.set(key, [...(rules.get(key) ?? []), rule]);
    }
    return rules;
  };
  const get = (id: string): TaughtRule | null => {
    const json = sql.get.get(id);
    return json === undefined ? null : read(json);
  };
  const changeIssue = (id: string, change: (issue: Issue) => Partial<Issue>): void => {
    const json = sql.issue.get(id);
    if (json === undefined) return;
    const issue = readStored(Issue, json, `issue ${id}`);
    sql.putIssue.run(JSON.stringify({ ...issue, ...change(issue) }), id);
  };
  /** Clears the cache once the write is durable or has failed. */
  const write = async (job: () => void): Promise<void> => {
    try {
      await db.write(job);
    } finally {
      held = null;
    }
  };

  return {
    holding: (project, service) => {
      held ??= load();
      return held.get(keyOf(project, service)) ?? [];
    },
    get,
    list: async ({ issueId, limit } = {}) => sql.list.all({ issueId: issueId ?? null, limit: limit ?? 200 }).map(read),
    add: (rule) =>
      write(() => {
        sql.put.run(rule.id, JSON.stringify(TaughtRule.parse(rule)));
        if (rule.kind !== "merge") return;
        changeIssue(rule.issueId, () => ({ mergedInto: rule.intoIssueId }));
        changeIssue(rule.intoIssueId, ({ fingerprint }) => ({
          fingerprint: {
            ...fingerprint,
            why: `${without(fingerprint.why, rule).slice(0, 400)} | ${taughtWords(rule)}`,
          },
        }));
      }),
    undo: (id, at, ticketId) =>
      write(() => {
        const rule = get(id);
        if (rule === null || rule.undoneAt !== null) return;
        sql.put.run(id, JSON.stringify({ ...rule, undoneAt: at }));
        if (rule.kind !== "merge") return;
        changeIssue(rule.issueId, () => ({ mergedInto: null, ticketId, callsForRun: true }));
        changeIssue(rule.intoIssueId, ({ fingerprint }) => ({
          fingerprint: { ...fingerprint, why: without(fingerprint.why, rule) },
        }));
      }),
    settle: (id) =>
      write(() => {
        const rule = get(id);
        if (rule !== null) sql.put.run(id, JSON.stringify({ ...rule, settled: true }));
      }),
  };
}

function without(why: string, rule: TaughtRule): string {
  return why.replace(` | ${taughtWords(rule)}`, "");
}

function prepare({ sqlite }: EmbeddedDatabase) {
  return {
    get: sqlite.prepare<[string], string>("SELECT json FROM taught_rules WHERE id = ?").pluck(),
    put: sqlite.prepare(
      "INSERT INTO taught_rules (id, json) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json",
    ),
    holding: sqlite
      .prepare<[], string>("SELECT json FROM taught_rules WHERE json ->> '$.undoneAt' IS NULL ORDER BY id")
      .pluck(),
    list: sqlite
      .prepare<{ issueId: string | null; limit: number }, string>(`
        SELECT json FROM taught_rules
        WHERE @issueId IS NULL OR json ->> '$.issueId' = @issueId OR json ->> '$.intoIssueId' = @issueId
        ORDER BY json ->> '$.at' DESC, id LIMIT @limit`)
      .pluck(),
    issue: sqlite.prepare<[string], string>("SELECT json FROM issues WHERE id = ?").pluck(),
    putIssue: sqlite.prepare("UPDATE issues SET json = ? WHERE id = ?"),
  };
}
