import { observe, packageRequire } from "../observe.mjs";

const mongoose = packageRequire("./index.js");
const applyTimestampsToChildren = packageRequire("./lib/helpers/update/applyTimestampsToChildren.js");
const child = new mongoose.Schema({ name: String }, { timestamps: true });
const plain = new mongoose.Schema({ name: String });
const schema = new mongoose.Schema({ child, plain, children: [child], name: String });

const run = (update) => () => {
  applyTimestampsToChildren(new Date(0), update, schema);
  return update;
};

await observe({
  crash: run({ $set: { child: null } }),
  undefinedChild: run({ $set: { child: undefined, name: "a" } }),
  two: run({ $set: { child: null, "children.0.name": "b" } }),
  whole: run({ $set: { child: { name: "a" } } }),
  list: run({ $set: { children: [{ name: "a" }, { name: "b" }] } }),
  noTimestamps: run({ $set: { plain: { name: "a" } } }),
  noTimestampsNull: run({ $set: { plain: null } }),
  nested: run({ $set: { "children.1.name": "a" } }),
  pushed: run({ $push: { children: { name: "a" } } }),
  bare: run({ child: { name: "a" } }),
});
