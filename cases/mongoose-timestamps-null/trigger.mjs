import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const mongoose = require("./index.js");
const applyTimestampsToChildren = require("./lib/helpers/update/applyTimestampsToChildren.js");
const child = new mongoose.Schema({ name: String }, { timestamps: true });
const update = { $set: { child: null } };
applyTimestampsToChildren(new Date(0), update, new mongoose.Schema({ child }));
console.log(JSON.stringify(update));
