import type { Command } from "commander";
import { describeGrants, type Grant, Role } from "../domain/access.ts";
import { CliError, type Io, printJson, printLine } from "./io.ts";
import { createRestClient } from "./restClient.ts";
import { type CommonOptions, withServerOptions } from "./serverOptions.ts";
import { textTable } from "./textTable.ts";

interface AddOptions extends CommonOptions {
  role: string;
  service?: string[];
}

/** `selfheal user list | add | token | revoke | remove`: who may see, approve and administer. */
export function addUserCommands(program: Command, io: Io): void {
  const user = program.command("user").description("who may see, approve and administer (docs/security.md)");
  withServerOptions(user.command("list"))
    .description("users, what they may do, and their tokens with the last use")
    .action((options: CommonOptions) => list(io, options));
  withServerOptions(user.command("add"))
    .description("make a user and print a token, once; for a known user, replace what they may do")
    .argument("<name>")
    .requiredOption("--role <role>", "viewer, approver or admin")
    .option("--service <names...>", "only on these services (default: on all)")
    .action((name: string, options: AddOptions) => add(io, name, options));
  withServerOptions(user.command("token"))
    .description("make another token for a user, and print it once")
    .argument("<name>")
    .action(async (name: string, options: CommonOptions) =>
      printToken(io, options, name, await createRestClient(io, options).issueToken(name)),
    );
  withServerOptions(user.command("revoke"))
    .description("end a token; selfheal user list shows the ids")
    .argument("<token-id>")
    .action(async (id: string, options: CommonOptions) => {
      await createRestClient(io, options).revokeToken(id);
      options.json ? printJson(io, { revoked: id }) : printLine(io, `Token ${id} is revoked.`);
    });
  withServerOptions(user.command("remove"))
    .description("remove a user; all their tokens and sessions end")
    .argument("<name>")
    .action(async (name: string, options: CommonOptions) => {
      await createRestClient(io, options).removeUser(name);
      options.json ? printJson(io, { removed: name }) : printLine(io, `${name} is removed.`);
    });
}

async function add(io: Io, name: string, options: AddOptions): Promise<void> {
  const role = Role.safeParse(options.role);
  if (!role.success) throw new CliError(`--role ${options.role}: must be viewer, approver or admin`);
  const grants: Grant[] = [{ role: role.data, services: options.service ?? "*" }];
  const client = createRestClient(io, options);
  const known = (await client.users()).some((user) => user.name === name);
  await client.putUser(name, grants);
  if (!known) return printToken(io, options, name, await client.issueToken(name));
  if (options.json) printJson(io, { name, grants });
  else printLine(io, `${name} is now: ${describeGrants(grants)}.`);
}

function printToken(io: Io, options: CommonOptions, name: string, issued: { token: string; id: string }): void {
  if (options.json) {
    printJson(io, { name, ...issued });
    return;
  }
  printLine(io, `Token ${issued.id} of ${name}, shown this once (only its hash is kept):`);
  printLine(io, `  ${issued.token}`);
}

async function list(io: Io, options: CommonOptions): Promise<void> {
  const users = await createRestClient(io, options).users();
  if (options.json) return printJson(io, { users });
  if (users.length === 0) return printLine(io, "No user yet: only the admin token works. Try: selfheal user add");
  const rows = users.flatMap(({ name, grants, tokens }) => {
    const valid = tokens.filter(({ revokedAt }) => revokedAt === null);
    const who = [name, describeGrants(grants)];
    if (valid.length === 0) return [[...who, "-", "-"]];
    return valid.map(({ id, lastUsedAt }) => [
      ...who,
      id,
      lastUsedAt === null ? "never" : new Date(lastUsedAt).toISOString().slice(0, 16),
    ]);
  });
  printLine(io, textTable(["NAME", "MAY", "TOKEN", "LAST USED (UTC)"], rows));
}
