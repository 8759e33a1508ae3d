import type { Source } from "../../syntax/source.ts";
import type { Candidate, RepairInput } from "../candidate.ts";
import { argumentInCaller } from "./callerArgument.ts";
import { type CodeStyle, levelOf, styleOf } from "./codeStyle.ts";
import { type Crash, readCrash } from "./crashKinds.ts";
import { guardRepeatedStatements } from "./guardRepeatedStatements.ts";
import { locateCrash } from "./locateCrash.ts";
import { type NearbyGuards, nearbyGuardsOf } from "./nearbyGuards.ts";
import { lastName, type RepairSite, type Repository } from "./repairSite.ts";
import { TEMPLATES } from "./templates/index.ts";

/** How many frames are looked at, counted from where it crashed: callers further up rarely hold the fix. */
const MAX_DEPTH = 4;
/** What a caller's frame costs a candidate, per frame. */
const DEPTH_COST = 7;
/** How many other files are looked at for sibling code. */
const MAX_NEIGHBOURS = 60;
/** What it costs when the call there goes by another name. */
const ALIAS_COST = 10;

/** What the templates propose for a crash of JavaScript or TypeScript code, at the newest frame and in its callers. */
export async function javascriptCandidates(input: RepairInput, repository: Repository): Promise<Candidate[]> {
  const crash = input.handedOver === true ? ({ kind: "handedOver" } as const) : readCrash(input.exception);
  const found: Candidate[] = [];
  for (const site of await sitesOf(input, crash, repository)) {
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
  return found;
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
