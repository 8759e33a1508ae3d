import { segmentsOf } from "./globs.ts";

const TEST_FOLDERS = new Set(["test", "tests", "__tests__", "spec", "specs", "e2e", "__snapshots__", "__mocks__"]);

const TEST_MARK = /(?:^|[._-])(?:test|tests|spec|snap)(?=[._-]|$)/;

/** Whether a path is part of a test suite, by the names that test runners use. */
export function isTestPath(path: string): boolean {
  const segments = segmentsOf(path);
  const file = segments.pop() ?? "";
  return segments.some((segment) => TEST_FOLDERS.has(segment)) || TEST_MARK.test(file);
}

/** Whether `path` is one of `files`, or a test named after one of them (`src/cart.js` → `test/cart.test.js`). */
export function belongsTo(files: readonly string[], path: string): boolean {
  if (files.includes(path)) return true;
  return isTestPath(path) && files.some((file) => stemOf(file) === stemOf(path));
}

/** `test/cart.spec.ts`, `cart_test.exs`, `test_cart.py` and `src/cart.js` all give `cart`. */
function stemOf(path: string): string {
  const file = segmentsOf(path).at(-1) ?? "";
  const base = file.startsWith(".") ? file : file.replace(/\..*$/, "");
  return base.replace(/^test[._-]|[._-](?:test|tests|spec)$/, "");
}
