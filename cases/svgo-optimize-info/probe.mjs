import { observe, packageRequire } from "../observe.mjs";

const SVGO = packageRequire("./lib/svgo.js");

async function run(info, config = {}) {
  const given = info === null ? [] : [info];
  const { data, info: said } = await new SVGO(config).optimize("<svg><g><path d='M0 0L1 1'/></g></svg>", ...given);
  return { data, said };
}

await observe({
  none: () => run(null),
  undefined: () => run(undefined),
  path: () => run({ path: "a.svg" }),
  empty: () => run({}),
  once: () => run({ path: "b.svg" }, { multipass: false }),
  several: () => run({ path: "b.svg" }, { multipass: true }),
  severalNone: () => run(null, { multipass: true }),
});
