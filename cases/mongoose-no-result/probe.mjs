import { observe, packageRequire } from "../observe.mjs";

const mongoose = packageRequire("./index.js");
const schema = new mongoose.Schema({ name: String, n: { type: Number, max: 5 } });
const Thing = mongoose.model("Thing", schema, "things", { init: false });
const id = new mongoose.Types.ObjectId("507f1f77bcf86cd799439011");

async function save(answer, change = { name: "b" }) {
  const asked = [];
  Thing.collection.updateOne = async (where, update) => {
    asked.push([where, update]);
    return typeof answer === "function" ? answer() : answer;
  };
  Thing.collection.findOne = async () => ({ _id: id });
  const thing = Thing.hydrate({ _id: id, name: "a", n: 1 });
  thing.set(change);
  const saved = await thing.save();
  return { asked, name: saved.name, modified: saved.isModified(), where: thing.$where };
}

await observe({
  nothing: () => save(null),
  nothingTwice: () => save(null, { name: "c", n: 3 }),
  matched: () => save({ acknowledged: true, matchedCount: 1, modifiedCount: 1 }),
  unmatched: () => save({ acknowledged: true, matchedCount: 0, modifiedCount: 0 }),
  failing: () =>
    save(() => {
      throw new Error("no");
    }),
  invalid: () => save(null, { n: 9 }),
  unchanged: () => save(null, {}),
});
