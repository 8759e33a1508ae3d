import { observe, packageRequire } from "../observe.mjs";

const { XMLBuilder } = packageRequire("./src/fxp.js");
const bare = (values) => Object.assign(Object.create(null), values);
const attributes = { ignoreAttributes: false, attributeNamePrefix: "@_" };

await observe({
  bare: () => new XMLBuilder({}).build({ a: bare({ b: 1 }) }),
  bareRoot: () => new XMLBuilder({}).build(bare({ a: { b: 1 } })),
  bareList: () => new XMLBuilder({}).build({ a: [bare({ b: 1 }), { b: 2 }] }),
  plain: () => new XMLBuilder({}).build({ a: { b: 1, c: "x" } }),
  attributes: () => new XMLBuilder(attributes).build({ a: { "@_id": 1, "#text": "t" } }),
  bareAttributes: () => new XMLBuilder(attributes).build({ a: bare({ "@_id": 1 }) }),
  inherited: () => new XMLBuilder({}).build({ a: Object.assign(Object.create({ z: 1 }), { b: 2 }) }),
  nothing: () => new XMLBuilder({}).build({ a: null, b: "", c: [] }),
});
