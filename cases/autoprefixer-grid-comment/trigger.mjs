import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const autoprefixer = require("./lib/autoprefixer.js");
const postcss = require("postcss");
const css = "a { /* aligned */ align-items: center; }";
console.log(postcss([autoprefixer({ overrideBrowserslist: ["ie 10", "ie 11"], grid: true })]).process(css).css);
