import type { Kill, Point } from "./faultPoints.ts";
import type { Scenario } from "./scenarios.ts";

/** The points of a journey that are to be killed at, and what was left out. */
export interface Enumeration {
  /** How many points the journey has. */
  points: number;
  /** Left out: they change nothing that a killed process could leave behind. */
  harmless: number;
  /** Left out: with nothing under way, before an effect everything is as it was after the one before. */
  sameState: number;
  /** Left out: the same point, before the scenarios part or after they meet, is one of another scenario. */
  sameElsewhere: number;
  kills: readonly Extract<Kill, { point: string }>[];
}

interface Named extends Point {
  /** Its label, and how often that came before it: the same place in each journey. */
  nth: number;
}

/** Git and commands that only look; and fsync, which matters to a disk that loses its power, not to a process that ends. */
const HARMLESS =
  / (?:fsync |git (?:rev-parse|ls-tree|cat-file|diff-index|log|for-each-ref|merge-base|check-ref-format)$|command (?:live|health)$)/;

/** Chooses the points of a scenario's journey, given that of the scenario it partly repeats. */
export function enumerate(scenario: Scenario, points: readonly Point[], other: readonly Point[] | null): Enumeration {
  const all = named(points).filter(({ label }) => !HARMLESS.test(label));
  const distinct = all.filter((_, index) => !isSameState(all, index));
  const elsewhere = new Set(other === null ? [] : outside(scenario, named(other)).map(keyOf));
  const repeated = new Set(
    outside(scenario, distinct)
      .map(keyOf)
      .filter((key) => elsewhere.has(key)),
  );
  const left = distinct.filter((point) => !repeated.has(keyOf(point)));
  return {
    points: points.length,
    harmless: points.length - all.length,
    sameState: all.length - distinct.length,
    sameElsewhere: repeated.size,
    kills: left.map(({ label, nth }) => ({ point: label, nth })),
  };
}

function named(points: readonly Point[]): Named[] {
  const seen = new Map<string, number>();
  return points.map((point) => {
    const nth = (seen.get(point.label) ?? 0) + 1;
    seen.set(point.label, nth);
    return { ...point, nth };
  });
}

const keyOf = ({ label, nth }: Named): string => `${nth} ${label}`;

/** The points in which the scenario is the same as the other one. */
function outside({ differs }: Scenario, points: readonly Named[]): readonly Named[] {
  if (differs === undefined) return [];
  const part = points.findIndex(({ stage }) => stage === differs.from);
  const meet = differs.to === undefined ? -1 : points.findIndex(({ stage }) => stage === differs.to);
  return points.filter((_, index) => index < part || (meet >= 0 && index >= meet));
}

/** Whether nothing can have changed since the point before: that one was after an effect, and no other is under way. */
function isSameState(points: readonly Point[], index: number): boolean {
  const { label } = points[index] ?? { label: "" };
  if (!label.startsWith("before ") || points[index - 1]?.label.startsWith("after ") !== true) return false;
  const underWay = new Map<string, number>();
  for (const earlier of points.slice(0, index)) {
    const [when = "", ...what] = earlier.label.split(" ");
    const name = what.join(" ");
    const change = when === "before" ? 1 : when === "after" ? -1 : 0;
    underWay.set(name, (underWay.get(name) ?? 0) + change);
  }
  return [...underWay.values()].every((count) => count <= 0);
}
