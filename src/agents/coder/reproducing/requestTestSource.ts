import { isTestPath } from "../../../policy/testPaths.ts";
import { repairTarget } from "../../../repair/frames.ts";
import { requestTests } from "../../../repair/reproduction/requestTests.ts";
import { anonymous, standInRequest } from "../../../repair/reproduction/standIns.ts";
import type { TestSource } from "./reproducer.ts";

/** A source of tests that send the captured request through the app's own handler. */
export function createRequestTestSource(): TestSource {
  return {
    name: "a request",
    async propose({ workspace, event }) {
      const { request } = event;
      if (request === undefined || !URL.canParse(request.url, "http://localhost")) return { tests: [], notes: [] };
      const files = (await workspace.files()).filter((file) => !isTestPath(file));
      const { exception, places } = repairTarget(event, files);
      const [place] = places;
      if (place === undefined) return { tests: [], notes: [] };
      const tree = { files: () => workspace.files(), read: (path: string) => workspace.read(path) };
      const root = workspace.service.root.replace(/^\.\/?/, "").replace(/\/$/, "");
      const source = await workspace.read(place.file).catch(() => "");
      const requests = anonymous(request, (of, by) => standInRequest(of, source, by));
      const wanted = requests.map((one) => requestTests({ exception, place, places, request: one, root }, tree));
      const tests = (await Promise.all(wanted)).flat();
      return { tests, notes: tests.length === 0 ? ["no app was found to put the request through"] : [] };
    },
    // Apart from its status, a response changes with the data.
    pin: async () => null,
  };
}
