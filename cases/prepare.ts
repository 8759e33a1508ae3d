import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { CASES, type Case } from "./case.ts";

/** A fetched package, its dependencies installed. */
export interface Prepared {
  /** The faulty version, a git repository with one commit that also holds the trigger. */
  faulty: string;
  /** The fixed version, for the probe only. */
  fixed: string;
}

/** Fetches both versions into the cache folder, once. */
export async function prepare(item: Case, cache: string): Promise<Prepared> {
  const faulty = await unpack(item, item.faulty, cache);
  const fixed = await unpack(item, item.fixed, cache);
  const repo = join(cache, `${item.name}-repo`);
  if (!existsSync(join(repo, ".git"))) await makeRepository(item, faulty, repo);
  return { faulty: repo, fixed };
}

async function unpack(item: Case, version: string, cache: string): Promise<string> {
  const dir = join(cache, `${item.package.replace(/[@/]/g, "_")}-${version}`);
  if (existsSync(dir)) return dir;
  const work = `${dir}.part`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const { stdout } = await execa("npm", ["pack", "--silent", "--pack-destination", work, `${item.package}@${version}`]);
  const tarball = join(work, stdout.trim().split("\n").at(-1) ?? "");
  await execa("tar", ["xzf", tarball, "-C", work, "--strip-components=1"]);
  rmSync(tarball);
  await install(item, work);
  renameSync(work, dir);
  return dir;
}

/** Installs what the package needs at run time, and what the case needs beside it (which may be a development dependency). */
async function install(item: Case, dir: string): Promise<void> {
  const manifest = join(dir, "package.json");
  const text = readFileSync(manifest, "utf8");
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(text), devDependencies: {}, peerDependencies: {} }));
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--no-save", "--legacy-peer-deps"];
  await execa("npm", ["install", "--silent", ...flags, ...item.install], { cwd: dir });
  writeFileSync(manifest, text);
}

async function makeRepository(item: Case, from: string, repo: string): Promise<void> {
  const work = `${repo}.part`;
  rmSync(work, { recursive: true, force: true });
  await cp(from, work, { recursive: true, verbatimSymlinks: true });
  await cp(join(CASES, item.name, "trigger.mjs"), join(work, "trigger.mjs"));
  const git = (...args: string[]) =>
    execa("git", ["-c", "user.name=Cases", "-c", "user.email=cases@example.com", ...args], { cwd: work });
  await git("init", "-q", "-b", "main");
  await git("add", "-f", "-A", ".", ":!node_modules");
  await git("commit", "-q", "-m", `${item.package} ${item.faulty}`);
  rmSync(repo, { recursive: true, force: true });
  renameSync(work, repo);
}

/** Runs the trigger until it crashes and keeps the Event; throws when it does not crash. */
export async function capture(repo: string, eventFile: string): Promise<void> {
  rmSync(eventFile, { force: true });
  const ran = await execa("node", ["--import", join(CASES, "capture.mjs"), "trigger.mjs"], {
    cwd: repo,
    env: { CASE_EVENT: eventFile },
    reject: false,
    timeout: 60_000,
  });
  if (!existsSync(eventFile))
    throw new Error(
      `the trigger did not crash (exit ${ran.exitCode}): ${ran.stdout.slice(-300)}${ran.stderr.slice(-300)}`,
    );
}
