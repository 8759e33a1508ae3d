import { otherLanguageOf, parseAny } from "../syntax/grammars.ts";
import { faultsIn, parseSource, type Source } from "../syntax/source.ts";
import type { Candidate, RepairInput, Tree } from "./candidate.ts";
import { applyEdits } from "./edits.ts";
import { javascriptCandidates } from "./javascript/candidates.ts";
import type { Repository } from "./javascript/repairSite.ts";
import type { RepairLanguage } from "./language.ts";
import { LANGUAGES } from "./otherLanguages.ts";

/** How many other files are looked at for sibling code. */
const MAX_NEIGHBOURS = 60;

/** Everything the templates propose for an exception, best first. Each candidate parses, and no two make the same text. */
export async function repairCandidates(input: RepairInput): Promise<Candidate[]> {
  const repository = await readRepository(input.tree);
  const name = otherLanguageOf(input.places[0]?.file ?? "");
  const language = LANGUAGES.find((one) => one.name === name);
  const found =
    language === undefined
      ? await javascriptCandidates(input, repository)
      : await otherCandidates(input, language, repository);
  return distinct(found, repository);
}

/** The candidates of a language beside JavaScript, at the newest frame of the repository. */
async function otherCandidates(
  input: RepairInput,
  language: RepairLanguage,
  repository: Repository,
): Promise<Candidate[]> {
  const path = input.places[0]?.file ?? "";
  const source = parseAny(path, await repository.text(path));
  if (source === null) return [];
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const same = repository.files.filter((f) => f !== path && otherLanguageOf(f) === language.name);
  const near = [...same.filter((f) => f.startsWith(folder)), ...same.filter((f) => !f.startsWith(folder))];
  const texts = [source.text, ...(await Promise.all(near.slice(0, MAX_NEIGHBOURS).map((f) => repository.text(f))))];
  return language.candidates(input, source, texts);
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
