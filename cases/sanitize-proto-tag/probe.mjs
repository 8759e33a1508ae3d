import { observe, packageRequire } from "../observe.mjs";

const sanitize = packageRequire("./index.js");
const run = (html, options) => () => sanitize(html, options);

await observe({
  crash: run("!<__proto__>!"),
  constructor: run("!<constructor>x</constructor>!"),
  method: run("<hasOwnProperty a=1>x</hasOwnProperty>"),
  transformed: run("<ol><li>a</li></ol>", { transformTags: { ol: "ul" } }),
  transformedProto: run("<__proto__>a</__proto__><b>c</b>", {
    transformTags: { b: sanitize.simpleTransform("i", {}) },
  }),
  allowed: run('<a href="http://a.b" onclick="x()">c</a>'),
  naughty: run('<a href="javascript:x()">c</a>'),
  all: run('<a b="c">d</a>', { allowedTags: false, allowedAttributes: false }),
  plain: run("a & b <script>x</script><b>c</b>"),
});
