import { lint } from "../lint.mjs";
import { observe, packageRequire } from "../observe.mjs";

const run =
  (code, ...options) =>
  () =>
    lint(packageRequire, "./lib/rules/route-path-style.js", code, options);

await observe({
  crash: run("this.route();"),
  wrong: run('this.route("blogPosts");'),
  wrongPath: run('this.route("blog", { path: "/blog_posts" });'),
  right: run('this.route("blog-posts");'),
  rightPath: run('this.route("blog", { path: "/blog-posts" });'),
  callback: run('this.route("blogPosts", function () {});'),
  other: run("that.thing();"),
  noPath: run('this.route("blog_posts", { resetNamespace: true });'),
});
