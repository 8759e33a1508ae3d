import { describe, expect, it } from "vitest";
import type { TrackRecord } from "../../src/domain/ports/trackRecord.ts";
import type { TrackEntry } from "../../src/domain/trackRecord.ts";

/** What every TrackRecord must do. */
export function trackRecordContract(
  name: string,
  make: () => Promise<{ trackRecord: TrackRecord; reopen: () => Promise<{ trackRecord: TrackRecord }> }>,
): void {
  describe(`TrackRecord: ${name}`, () => {
    it("gives what was added, newest first, also when it is opened again", async () => {
      const { trackRecord, reopen } = await make();
      expect(await trackRecord.list({})).toEqual([]);
      await trackRecord.add(entry({ ticketId: "a", at: 10 }));
      await trackRecord.add(entry({ ticketId: "c", at: 30, outcome: "edited", editedDigest: "theirs" }));
      await trackRecord.add(entry({ ticketId: "b", at: 20 }));
      const again = (await reopen()).trackRecord;
      expect(await again.list({})).toEqual([
        entry({ ticketId: "c", at: 30, outcome: "edited", editedDigest: "theirs" }),
        entry({ ticketId: "b", at: 20 }),
        entry({ ticketId: "a", at: 10 }),
      ]);
    });

    it("takes for newer what was added later in the same millisecond", async () => {
      const { trackRecord } = await make();
      await trackRecord.add(entry({ outcome: "held" }));
      await trackRecord.add(entry({ outcome: "reverted" }));
      expect((await trackRecord.list({})).map(({ outcome }) => outcome)).toEqual(["reverted", "held"]);
    });

    it("has one entry a ticket, outcome and Patch: the first", async () => {
      const { trackRecord } = await make();
      await trackRecord.add(entry({ at: 10 }));
      await trackRecord.add(entry({ at: 20, by: "somebody else" }));
      expect(await trackRecord.list({})).toEqual([entry({ at: 10 })]);
      await trackRecord.add(entry({ at: 20, outcome: "reverted" }));
      await trackRecord.add(entry({ at: 20, patchDigest: "other" }));
      await trackRecord.add(entry({ at: 20, ticketId: "other" }));
      expect(await trackRecord.list({})).toHaveLength(4);
    });

    it("looks for service, error class, time and number", async () => {
      const { trackRecord } = await make();
      await trackRecord.add(entry({ ticketId: "a", at: 10 }));
      await trackRecord.add(entry({ ticketId: "b", at: 20, service: "other" }));
      await trackRecord.add(entry({ ticketId: "c", at: 30, errorClass: "RangeError" }));
      await trackRecord.add(entry({ ticketId: "d", at: 40 }));
      const ids = async (filter: Parameters<TrackRecord["list"]>[0]) =>
        (await trackRecord.list(filter)).map(({ ticketId }) => ticketId);
      expect(await ids({ service: "shop" })).toEqual(["d", "c", "a"]);
      expect(await ids({ service: "shop", errorClass: "TypeError" })).toEqual(["d", "a"]);
      expect(await ids({ sinceMs: 20 })).toEqual(["d", "c", "b"]);
      expect(await ids({ limit: 2 })).toEqual(["d", "c"]);
    });
  });
}

function entry(change: Partial<TrackEntry> = {}): TrackEntry {
  return {
    service: "shop",
    errorClass: "TypeError",
    outcome: "held",
    ticketId: "a",
    patchDigest: "ours",
    editedDigest: null,
    by: "system",
    at: 1,
    ...change,
  };
}
