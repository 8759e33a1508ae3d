import { expect, it } from "vitest";
import { testSystem, tinyCrash } from "../helpers/system.ts";

/** Makes one append of this kind fail, as if the process had been killed before it. */
async function killedBefore(kind: string): Promise<string[]> {
  const { system, crash, audit } = await testSystem();
  const log = system.stores.audit;
  const append = log.append.bind(log);
  let isCut = false;
  log.append = async (entry) => {
    if (entry.kind !== kind || isCut) return append(entry);
    isCut = true;
    throw new Error("killed");
  };
  return audit(await crash(tinyCrash()));
}

it.each(["ticket.opened", "gate.decided"])(
  "%s is on record once though its node was cut off before it",
  async (kind) => {
    expect((await killedBefore(kind)).filter((said) => said === kind)).toEqual([kind]);
  },
);
