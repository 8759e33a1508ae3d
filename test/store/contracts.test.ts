import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type EmbeddedStores, openEmbeddedStores } from "../../src/store/embedded.ts";
import { auditLogContract } from "../contract/auditLog.ts";
import { blobStoreContract } from "../contract/blobStore.ts";
import { debounceStoreContract } from "../contract/debounceStore.ts";
import { deployJournalContract } from "../contract/deployJournal.ts";
import { eventSpoolContract } from "../contract/eventSpool.ts";
import { issueStoreContract } from "../contract/issueStore.ts";
import { leaseStoreContract } from "../contract/leaseStore.ts";
import { lessonStoreContract } from "../contract/lessonStore.ts";
import { outboxContract } from "../contract/outbox.ts";
import { suppressionStoreContract } from "../contract/suppressionStore.ts";
import { ticketBookContract } from "../contract/ticketBook.ts";
import { trackRecordContract } from "../contract/trackRecord.ts";
import { userStoreContract } from "../contract/userStore.ts";
import { settingsContract, wakeUpStoreContract } from "../contract/wakeUpStore.ts";
import { tempFolder } from "../helpers/tempFolder.ts";
import { testClock } from "../helpers/testClock.ts";

async function makeStores() {
  const dir = join(tempFolder(), "data");
  const clock = testClock();
  let stores: EmbeddedStores = await openEmbeddedStores(dir, clock);
  onTestFinished(() => stores.close());
  const reopen = async () => {
    await stores.close();
    stores = await openEmbeddedStores(dir, clock);
    return stores;
  };
  return { ...stores, clock, reopen };
}

eventSpoolContract("embedded", makeStores);
issueStoreContract("embedded", makeStores);
debounceStoreContract("embedded", makeStores);
wakeUpStoreContract("embedded", async () => (await makeStores()).wakeUps);
settingsContract("embedded", async () => (await makeStores()).settings);
trackRecordContract("embedded", makeStores);
blobStoreContract("embedded", async () => (await makeStores()).blobs);
deployJournalContract("embedded", makeStores);
suppressionStoreContract("embedded", async () => (await makeStores()).suppressions);
userStoreContract("embedded", async () => (await makeStores()).users);
lessonStoreContract("embedded", async () => (await makeStores()).lessons);
leaseStoreContract("embedded", async () => {
  const { leases, clock, reopen } = await makeStores();
  return { leases, clock, reopen: async () => (await reopen()).leases };
});
auditLogContract("embedded", async () => {
  const { audit, clock } = await makeStores();
  return { audit, clock };
});
ticketBookContract("embedded", async () => {
  const { tickets, reopen } = await makeStores();
  return { book: tickets, reopen: async () => (await reopen()).tickets };
});
outboxContract("embedded", async () => {
  const { outbox, clock, reopen } = await makeStores();
  return { outbox, clock, reopen };
});
