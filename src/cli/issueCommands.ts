import type { Command } from "commander";
import type { Issue } from "../domain/issue.ts";
import { plainText } from "../domain/plainText.ts";
import type { TaughtRule } from "../domain/taughtRule.ts";
import { CliError, type Io, printJson, printLine } from "./io.ts";
import { createRestClient, type Regrouped } from "./restClient.ts";
import { type CommonOptions, whoAmI, withServerOptions } from "./serverOptions.ts";
import { clipped, textTable, utcTime } from "./textTable.ts";

interface ByOptions extends CommonOptions {
  by?: string;
  reason?: string;
}

/**
 * `issues list | show | merge | split | rules | undo`: shows and changes which Events belong to one Issue. `list` is
 * the default.
 */
export function addIssueCommands(program: Command, io: Io): void {
  const issues = program.command("issues").description("which events are one issue, and your word on it");

  // The options are on `list`: on `issues` itself they would capture those of the other subcommands.
  withServerOptions(issues.command("list", { isDefault: true }))
    .description("list issues (docs/grouping.md)")
    .option("--service <name>", "of one service")
    .action(async (options: CommonOptions & { service?: string }) => {
      const list = await createRestClient(io, options).issues(options.service);
      if (options.json) return printJson(io, { issues: list });
      printLine(io, list.length === 0 ? "No exception has arrived yet." : issueTable(list));
    });

  withServerOptions(issues.command("show"))
    .description("show an issue: why it is one, its variants, and what was merged and split")
    .argument("<issue>", "its id")
    .action(async (id: string, options: CommonOptions) => {
      const shown = await createRestClient(io, options).issue(id);
      if (options.json) return printJson(io, shown);
      printLine(io, issueTable([shown.issue]));
      printLine(io, `why: ${plainText(shown.issue.fingerprint.why)}`);
      const rows = shown.variants.map((v) => [
        v.strict,
        String(v.events),
        v.eventId,
        clipped(v.culprit || v.title, 50),
      ]);
      if (rows.length > 0) printLine(io, textTable(["VARIANT", "EVENTS KEPT", "NEWEST EVENT", "WHERE"], rows));
      if (shown.origin !== null)
        printLine(io, `origin: service ${plainText(shown.origin.service)}, issue ${shown.origin.issueId} (traces)`);
      for (const { issueId, service, traces } of shown.linked)
        printLine(io, `in the same traces: service ${plainText(service)}, issue ${issueId} (${traces} traces)`);
      if (shown.rules.length > 0) printLine(io, ruleTable(shown.rules));
    });

  byPerson(issues.command("merge"))
    .description("from now on, count the events of one issue on another")
    .argument("<issue>", "the issue that ends")
    .argument("<into>", "the issue that goes on")
    .action(async (id: string, into: string, options: ByOptions) =>
      told(io, options, await createRestClient(io, options).mergeIssue(id, { into, ...whoOf(io, options) })),
    );

  byPerson(issues.command("split"))
    .description("from now on, make an issue of its own of events like one event, or of one variant")
    .argument("<issue>", "its id")
    .option("--event <id>", "an event of it that is kept (selfheal issues show)")
    .option("--strict <hash>", "a variant of it (selfheal issues show)")
    .action(async (id: string, options: ByOptions & { event?: string; strict?: string }) => {
      const { event, strict } = options;
      if ((event === undefined) === (strict === undefined)) throw new CliError("give either --event or --strict");
      const which = event === undefined ? { strict } : { event };
      told(io, options, await createRestClient(io, options).splitIssue(id, { ...which, ...whoOf(io, options) }));
    });

  withServerOptions(issues.command("rules"))
    .description("list what was merged and split")
    .action(async (options: CommonOptions) => {
      const rules = await createRestClient(io, options).issueRules();
      if (options.json) return printJson(io, { rules });
      printLine(io, rules.length === 0 ? "Nothing was merged or split." : ruleTable(rules));
    });

  byPerson(issues.command("undo"))
    .description("undo a merge or split: new events are counted as before it")
    .argument("<rule>", "its id (selfheal issues rules)")
    .action(async (id: string, options: ByOptions) =>
      told(io, options, await createRestClient(io, options).undoIssueRule(id, whoAmI(io, options.by))),
    );
}

function byPerson(command: Command): Command {
  return withServerOptions(command)
    .option("--by <name>", "no longer used: the audit log has the name that the token belongs to")
    .option("--reason <text>", "why, for those who come later");
}

function whoOf(io: Io, { by, reason }: ByOptions): { by: string; reason: string } {
  return { by: whoAmI(io, by), reason: reason ?? "" };
}

function told(io: Io, options: CommonOptions, result: Regrouped): void {
  if (options.json) printJson(io, result);
  else for (const line of [...result.rules.map(sentence), ...result.notes]) printLine(io, line);
}

function sentence(rule: TaughtRule): string {
  if (rule.undoneAt !== null) return `Undone: rule ${rule.id}. New events are counted as before it.`;
  const what =
    rule.kind === "merge"
      ? `New events of issue ${rule.issueId} are counted on issue ${rule.intoIssueId}`
      : `New events of variant ${rule.strict} of issue ${rule.issueId} are issue ${rule.intoIssueId}`;
  return `${what}. To undo: selfheal issues undo ${rule.id}`;
}

function issueTable(issues: readonly Issue[]): string {
  const head = ["ISSUE", "SERVICE", "EVENTS", "LAST SEEN (UTC)", "WHAT"];
  const rows = issues.map((issue) => [
    issue.id,
    clipped(issue.service, 24),
    String(issue.count),
    utcTime(issue.lastSeen),
    clipped(issue.mergedInto ? `(merged into ${issue.mergedInto}) ${issue.title}` : issue.title, 70),
  ]);
  return textTable(head, rows);
}

function ruleTable(rules: readonly TaughtRule[]): string {
  const head = ["RULE", "WHAT", "ISSUE", "INTO", "BY", "AT (UTC)", ""];
  const rows = rules.map((rule) => [
    rule.id,
    rule.kind,
    rule.issueId,
    rule.intoIssueId,
    clipped(rule.by, 20),
    utcTime(rule.at),
    rule.undoneAt === null ? "" : "undone",
  ]);
  return textTable(head, rows);
}
