import type { TrustTier } from "../../../src/domain/event.ts";
import { createRandom } from "../../simulation/random.ts";
import { at, crashOf, drawPayload, idOf, type Outcome, outcomeOf, type SenderName } from "./attempt.ts";
import { BRAINS } from "./brains.ts";
import { hostileDiffs, rightDiff } from "./edits.ts";
import { type Bait, escapes, openRealWorld } from "./realWorld.ts";
import type { AttackedService } from "./services.ts";

/** Attempts that share one system. */
const SHARED = 12;

const SENDERS: Readonly<Partial<Record<SenderName, readonly TrustTier[]>>> = {
  T0: ["T0"],
  T1: ["T1"],
  "T0 beside T1": ["T1", "T0"],
};

/** Runs attempts with real git, sandbox, tests and deploy commands, one after the other: groups `first`, `first + step` … */
export async function* realAttempts(
  seed: number,
  { first, count, step }: { first: number; count: number; step: number },
): AsyncGenerator<Outcome> {
  for (let group = first; group * SHARED < count; group += step) {
    const numbers = Array.from({ length: Math.min(SHARED, count - group * SHARED) }, (_, i) => group * SHARED + i);
    const brain = at(BRAINS, group);
    const random = createRandom((seed ^ Math.imul(group + 1, 0x85ebca6b)) >>> 0);
    const services = numbers.map((_, i) => ({
      kind: i % 3 === 2 ? ("guard" as const) : ("page" as const),
      reproduces: random.chance(0.7),
    }));
    const world = await openRealWorld({ brain, services });
    try {
      for (const [i, number] of numbers.entries()) {
        const sender = at(Object.keys(SENDERS) as SenderName[], Math.floor(random.below(1000)));
        const payload = drawPayload(random, number);
        const mark = `mark${number}q`;
        const { seen, effects, wish, tiers } = await world.attempt(i, {
          wish: ({ attacked }, bait) => {
            const every = wishes(attacked, bait);
            return { service: attacked, diff: at(every, random.below(every.length)), next: at(every, 0) };
          },
          events: ({ attacked }) =>
            (SENDERS[sender] ?? []).map((tier, n) => {
              const honest = { ...crashOf(attacked, "same"), event_id: idOf(number, n), extra: { user: "{}" } };
              const isAttacker = sender !== "T0 beside T1" || tier === "T0";
              const event = isAttacker ? payload.change(honest, { service: attacked, mark, n: number }) : honest;
              return { event: { ...event, event_id: idOf(number, n) }, tier };
            }),
        });
        const attempt = { number, sender, brain, service: wish.service, payload, diff: wish.diff };
        yield outcomeOf(attempt, seen, { tiers, mark, effects });
      }
    } finally {
      await world.close();
    }
  }
}

/** Half of them try to get out of the sandbox. */
function wishes(service: AttackedService, bait: Bait) {
  const outward = escapes(service, bait);
  return [
    ...hostileDiffs(service),
    ...outward,
    ...outward,
    ...outward,
    ...Array.from({ length: 6 }, () => rightDiff(service)),
  ];
}
