import { observe, packageRequire } from "../observe.mjs";

const log4js = packageRequire("./lib/log4js.js");

async function shut(appenders, cb) {
  const calls = [];
  log4js.configure({ appenders, categories: { default: { appenders: Object.keys(appenders), level: "off" } } });
  log4js.shutdown(cb === undefined ? undefined : (...args) => calls.push(["cb", ...args.map(String)]));
  await new Promise((resolve) => setTimeout(resolve, 50));
  return calls;
}
const slow = (ms, error) => ({
  type: { configure: () => Object.assign(() => {}, { shutdown: (done) => setTimeout(done, ms, error) }) },
});
const plain = { type: { configure: () => () => {} } };

await observe({
  none: () => shut({ out: plain }),
  noneSlow: () => shut({ out: slow(1) }),
  callback: () => shut({ out: plain }, true),
  callbackSlow: () => shut({ out: slow(1), more: slow(5) }, true),
  failing: () => shut({ out: slow(1, new Error("no")) }, true),
  two: () => shut({ out: plain, more: plain }, true),
  again: () => shut({ out: plain }, true),
});
