import { pathToFileURL } from "node:url";

/** Prints what went wrong; what the shop does where no error service is set up. */
export const consoleReporter = {
  captureException(error, { handled }) {
    console.error(handled ? "handled:" : "unhandled:", error);
  },
  async close() {},
};

/** The client at `clientPath` (an ES module that exports `init` and `requestInfo`), or the console where there is none. */
export async function createReporter({ clientPath, ...options }) {
  if (!clientPath) return consoleReporter;
  const { init, requestInfo } = await import(pathToFileURL(clientPath).href);
  const client = init(options);
  return {
    captureException(error, context) {
      consoleReporter.captureException(error, context);
      client.captureException(error, { ...context, request: requestInfo(context.request) });
    },
    close: () => client.close(),
  };
}
