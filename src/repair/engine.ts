import type { Candidate, RepairInput, Tree } from "./candidate.ts";
import { applyEdits } from "./edits.ts";
import { elixirCandidates } from "./elixir/candidates.ts";
import { type OtherLanguage, otherLanguageOf, parseAny } from "./grammars.ts";
import { argumentInCaller } from "./javascript/callerArgument.ts";
import { type CodeStyle, levelOf, styleOf } from "./javascript/codeStyle.ts";
import type { Crash } from "./javascript/crashMessage.ts";
import { readCrash } from "./javascript/crashMessage.ts";
import { locateCrash } from "./javascript/locateCrash.ts";
import { type NearbyGuards, nearbyGuardsOf } from "./javascript/nearbyGuards.ts";
import { lastName, type RepairSite, type Repository } from "./javascript/repairSite.ts";
import { guardRepeatedStatements } from "./javascript/repeatedStatements.ts";
import { TEMPLATES } from "./javascript/templates/index.ts";
import { pythonCandidates } from "./python/candidates.ts";
import { faultsIn, parseSource, type Source } from "./source.ts";

/** How many frames are looked at, counted from where it crashed: callers further up rarely hold the fix. */
const MAX_DEPTH = 4;
/** What a caller's frame costs a candidate, per frame. */
const DEPTH_COST = 7;
/** How many other files are looked at for sibling code. */
const MAX_NEIGHBOURS = 60;
/** What it costs when the call there goes by another name. */
const ALIAS_COST = 10;

/** Everything the templates propose for an exception, best first; each one parses, and no two make the same text. */
export async function repairCandidates(input: RepairInput): Promise<Candidate[]> {
  const repository = await readRepository(input.tree);
  const other = otherLanguageOf(input.places[0]?.file ?? "");
  if (other !== null) return distinct(await otherCandidates(input, other, repository), repository);
  const crash = input.handedOver === true ? ({ kind: "handedOver" } as const) : readCrash(input.exception);
  const sites = await sitesOf(input, crash, repository);
  const found: Candidate[] = [];
  for (const site of sites) {
    for (const template of TEMPLATES) {
      const proposed = await template(site, repository);
      const crashed = crashedText(site);
      found.push(
        ...proposed.map((c) => ({
          ...guardRepeatedStatements(site, c),
          score: Math.max(0, c.score - site.cost),
          place: site.place,
          crashed,
        })),
      );
    }
  }
  return distinct(found, repository);
}

/** Python's and Elixir's templates, at the newest frame of ours. */
async function otherCandidates(
  input: RepairInput,
  language: OtherLanguage,
  repository: Repository,
): Promise<Candidate[]> {
  const path = input.places[0]?.file ?? "";
  const source = parseAny(path, await repository.text(path));
  if (source === null) return [];
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const alike = repository.files.filter((f) => f !== path && otherLanguageOf(f) === language);
  const near = [...alike.filter((f) => f.startsWith(folder)), ...alike.filter((f) => !f.startsWith(folder))];
  const texts = [source.text, ...(await Promise.all(near.slice(0, MAX_NEIGHBOURS).map((f) => repository.text(f))))];
  return language === "python" ? pythonCandidates(input, source, texts) : elixirCandidates(input, source, texts);
}

/** What crashed, in one line: the read, or what was called. */
function crashedText(site: RepairSite): string {
  const node = site.crash.kind === "notFunction" ? (site.node.field("function") ?? site.node) : site.node;
  return node.text().slice(0, 200);
}

/** Where it crashed, and the calls that passed the value there. */
async function sitesOf(input: RepairInput, crash: Crash, repository: Repository): Promise<RepairSite[]> {
  const [place] = input.places;
  const source = place === undefined ? null : await repository.source(place.file);
  if (place === undefined || source === null) return [];
  const located = locateCrash(source, place, crash).slice(0, 3);
  const sites: RepairSite[] = [];
  for (const { node, subject } of located) {
    const site = await siteOf(input, {
      crash,
      repository,
      source,
      place,
      depth: 0,
      cost: 0,
      node,
      subject,
      subjectText: subject.text(),
    });
    sites.push(site, ...(await callerSites(input, site, repository)));
  }
  return sites;
}

async function callerSites(input: RepairInput, top: RepairSite, repository: Repository): Promise<RepairSite[]> {
  const sites: RepairSite[] = [];
  let cost = 0;
  let value = { node: top.node, text: top.subjectText };
  for (const [index, place] of input.places.slice(1, MAX_DEPTH).entries()) {
    const source = await repository.source(place.file);
    const lifted = source === null ? null : argumentInCaller(value, { source, place });
    if (source === null || lifted === null) break;
    const { node, subject, text } = lifted;
    cost += DEPTH_COST + (lifted.named ? 0 : ALIAS_COST);
    const parts = {
      crash: top.crash,
      repository,
      source,
      place,
      depth: index + 1,
      cost,
      node,
      subject,
      subjectText: text,
    };
    sites.push(await siteOf(input, parts));
    value = { node, text };
  }
  return sites;
}

type Parts = Omit<RepairSite, "style" | "siblings" | "isNull"> & { repository: Repository };

async function siteOf(input: RepairInput, { repository, ...parts }: Parts): Promise<RepairSite> {
  const level = await levelOf(input.tree, parts.source.path, repository.files);
  const style: CodeStyle = styleOf(parts.source, level);
  const isNull = /\bnull\b(?! or)/.test(input.exception.value)
    ? true
    : /\bundefined\b/.test(input.exception.value)
      ? false
      : null;
  return { ...parts, style, isNull, siblings: await neighbours(parts.source, lastName(parts.subjectText), repository) };
}

/** The file itself, its folder, and where that holds little, the rest of the repository: "how do the neighbours guard this?" */
async function neighbours(source: Source, name: string, repository: Repository): Promise<NearbyGuards> {
  const folder = source.path.slice(0, source.path.lastIndexOf("/") + 1);
  const code = repository.files.filter((f) => f !== source.path && /\.[cm]?[jt]sx?$/.test(f));
  const beside = code
    .filter((f) => f.startsWith(folder) && !f.slice(folder.length).includes("/"))
    .slice(0, MAX_NEIGHBOURS);
  const further = beside.length < 5 ? code.filter((f) => !beside.includes(f)).slice(0, MAX_NEIGHBOURS) : [];
  const texts = [source.text];
  for (const file of [...beside, ...further]) texts.push(await repository.text(file));
  return nearbyGuardsOf(name, texts);
}

/** Reads and parses each file once. A file that cannot be read counts as absent. */
async function readRepository(tree: Tree): Promise<Repository> {
  const files = await tree.files();
  const texts = new Map<string, Promise<string>>();
  const sources = new Map<string, Promise<Source | null>>();
  const text = (path: string) => remembered(texts, path, () => tree.read(path).catch(() => ""));
  const source = (path: string) => remembered(sources, path, async () => parseSource(path, await text(path)));
  return { files, text, source };
}

function remembered<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

async function distinct(found: readonly Candidate[], repository: Repository): Promise<Candidate[]> {
  const seen = new Set<string>();
  const kept: Candidate[] = [];
  for (const candidate of [...found].sort((a, b) => b.score - a.score)) {
    const key = JSON.stringify(candidate.edits);
    if (seen.has(key) || !(await parses(candidate, repository))) continue;
    seen.add(key);
    kept.push(candidate);
  }
  return kept;
}

async function parses(candidate: Candidate, repository: Repository): Promise<boolean> {
  for (const path of new Set(candidate.edits.map((e) => e.path))) {
    const before = (await repository.source(path)) ?? parseAny(path, await repository.text(path));
    if (before === null) return false;
    const edits = candidate.edits.filter((e) => e.path === path);
    const after = parseAny(path, applyEdits(before.text, edits));
    if (after === null || faultsIn(after.root) > faultsIn(before.root)) return false;
  }
  return true;
}
