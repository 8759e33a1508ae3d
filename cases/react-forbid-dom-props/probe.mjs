import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

// The wording of the message changed between the versions: where it is reported is what counts.
const places = (messages) => messages.map((m) => m.split(" ")[0]);
const run = (code) => () => places(lint(packageRequire, "./lib/rules/forbid-dom-props.js", code, [{ forbid: ["id"] }]));

await observe({
  namespaced: run("<svg:circle id='a' />"),
  member: run("<a.b id='x' />"),
  plain: run("<div id='x' />"),
  component: run("<Foo id='x' />"),
  none: run("<div />"),
  fragment: run("<></>"),
  spread: run("<div {...props} />"),
});
