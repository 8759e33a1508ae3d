import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openEmbeddedStores } from "../../src/store/embedded.ts";
import { closeTicket } from "../../src/tickets/change.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { testClock } from "../helpers/testClock.ts";
import { buildTicket } from "../helpers/ticketBuilder.ts";

it("a node that runs twice closes its ticket once, and one that was opened again is closed again", async () => {
  const clock = testClock();
  const stores = await openEmbeddedStores(join(tempFolder(), "data"), clock);
  onTestFinished(() => stores.close());
  const { id } = await stores.tickets.open(buildTicket({ openedAt: clock.now() }));
  const deps = { ...stores, clock };
  const said = async () => (await stores.audit.list({ ticketId: id })).map(({ kind }) => kind);
  await closeTicket(deps, id, "dismissed", "no");
  const first = await stores.tickets.get(id);
  clock.advance(5);
  await closeTicket(deps, id, "dismissed", "no");
  expect(await said()).toEqual(["ticket.dismissed"]);
  expect((await stores.tickets.get(id))?.closedAt).toBe(first?.closedAt);
  await stores.tickets.update(id, () => ({ state: "coding", closedAt: null }));
  clock.advance(5);
  await closeTicket(deps, id, "dismissed", "no");
  expect(await said()).toEqual(["ticket.dismissed", "ticket.dismissed"]);
});
