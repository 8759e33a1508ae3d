import type { Command } from "commander";
import { messageOf } from "../domain/errors.ts";
import { CliError, type Io, printJson, printLine } from "./io.ts";
import { createRestClient } from "./restClient.ts";
import { type CommonOptions, whoAmI, withServerOptions } from "./serverOptions.ts";
import { findSourceMaps } from "./sourceMapFiles.ts";
import { clipped, textTable, utcTime } from "./textTable.ts";

interface ReleaseOptions extends CommonOptions {
  release: string;
  project?: string;
  by?: string;
}

/** `sourcemaps upload | list | remove`: the source maps that translate frames of built code to their sources. */
export function addSourceMapCommands(program: Command, io: Io): void {
  const maps = program.command("sourcemaps").description("source maps by release (docs/source-maps.md)");

  ofRelease(maps.command("upload"))
    .description("upload the source maps of a folder of built code, before the release is live")
    .argument("<dir>", "the folder that the build wrote")
    .action(async (dir: string, options: ReleaseOptions) => upload(io, dir, options));

  withServerOptions(maps.command("list"))
    .description("list the releases that there are maps of")
    .action(async (options: CommonOptions) => {
      const releases = await createRestClient(io, options).sourceMaps();
      if (options.json) return printJson(io, { releases });
      const head = ["PROJECT", "RELEASE", "FILES", "BYTES", "OF NO USE", "UPLOADED (UTC)"];
      const rows = releases.map((one) => [
        clipped(one.project, 24),
        clipped(one.release, 44),
        ...[one.files, one.bytes, one.faulty].map(String),
        utcTime(one.uploadedAt),
      ]);
      printLine(io, rows.length === 0 ? "No source maps were uploaded." : textTable(head, rows));
    });

  ofRelease(maps.command("remove"))
    .description("remove the maps of a release; what was found by them stays")
    .action(async (options: ReleaseOptions) => {
      const removed = await createRestClient(io, options).removeSourceMaps(placeOf(io, options));
      if (options.json) return printJson(io, { removed });
      printLine(io, `${removed} source maps are gone.`);
    });
}

function ofRelease(command: Command): Command {
  return withServerOptions(command)
    .requiredOption("--release <release>", "the release, as the app reports it")
    .option("--project <project>", "the project (default: the only one that is configured)")
    .option("--by <name>", "no longer used: the audit log has the name that the token belongs to");
}

function placeOf(io: Io, { release, project, by }: ReleaseOptions): Record<string, string> {
  return { release, by: whoAmI(io, by), ...(project !== undefined && { project }) };
}

async function upload(io: Io, dir: string, options: ReleaseOptions): Promise<void> {
  const client = createRestClient(io, options);
  const { maps, left } = await findSourceMaps(dir);
  if (maps.length === 0) throw new CliError(`there are no built files with source maps in ${dir}`);
  const uploaded: { file: string; bytes: number }[] = [];
  for (const { file, text, debugId } of maps) {
    const query = { ...placeOf(io, options), file, ...(debugId !== null && { debugId }) };
    try {
      await client.uploadSourceMap(query, text);
      uploaded.push({ file, bytes: Buffer.byteLength(text) });
    } catch (thrown) {
      left.push({ file, reason: messageOf(thrown) });
    }
  }
  if (options.json) printJson(io, { uploaded, left });
  else {
    const bytes = uploaded.reduce((sum, one) => sum + one.bytes, 0);
    printLine(io, `${uploaded.length} source maps of ${options.release} are there (${bytes} bytes).`);
    for (const { file, reason } of left) printLine(io, `  left out: ${file}: ${reason}`);
  }
  if (uploaded.length === 0) throw new CliError("no source map was taken");
}
