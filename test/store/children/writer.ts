// Writes to every kind of store as fast as it can and prints a number once all of its writes were acknowledged.
import { writeSync } from "node:fs";
import { digestOf } from "../../../src/domain/patch.ts";
import { openEmbeddedStores } from "../../../src/store/embedded.ts";
import { buildEvent } from "../../helpers/eventBuilder.ts";
import { testClock } from "../../helpers/testClock.ts";
import { buildTicket } from "../../helpers/ticketBuilder.ts";

const [dir = ""] = process.argv.slice(2);
const stores = await openEmbeddedStores(dir, testClock());
const { id } = await stores.tickets.open(buildTicket());

let n = 0;
const worker = async (): Promise<void> => {
  for (;;) {
    n += 1;
    const mine = n;
    await Promise.all([
      stores.spool.append([buildEvent({ id: digestOf(String(mine)).slice(0, 32) })]),
      stores.audit.append({ kind: "ticket.opened", actor: "rules", ticketId: String(mine) }),
      stores.blobs.put(`blob ${mine}`),
      stores.tickets.update(id, ({ tokens }) => ({ tokens: Math.max(tokens, mine) })),
      stores.apiPersistence.with((data) => {
        data.retry_counter[String(mine)] = mine;
      }),
    ]);
    writeSync(1, `${mine}\n`);
  }
};
await Promise.all([worker(), worker(), worker(), worker()]);
