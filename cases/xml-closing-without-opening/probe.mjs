import { observe } from "../observe.mjs";

const { XMLParser } = await import(`${process.cwd()}/src/fxp.js`);
const parse = (text, options) => () => new XMLParser(options).parse(text);

await observe({
  closing: parse("<a>1</a></b><c>2</c>"),
  first: parse("</b><c>2</c>"),
  twice: parse("<a/></b></b><c>2</c>"),
  plain: parse("<a><b>1</b></a>"),
  unclosed: parse("<a><b>1</a>"),
  attributes: parse('<a x="1"/>', { ignoreAttributes: false }),
  order: parse("<a>1</a></b><c>2</c>", { preserveOrder: true }),
});
