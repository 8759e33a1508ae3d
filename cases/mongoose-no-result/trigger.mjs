import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const mongoose = require("./index.js");
const Thing = mongoose.model("Thing", new mongoose.Schema({ name: String }), "things", { init: false });
Thing.collection.updateOne = async () => null;
const thing = Thing.hydrate({ _id: new mongoose.Types.ObjectId(), name: "a" });
thing.name = "b";
await thing.save();
console.log("saved");
process.exit(0);
