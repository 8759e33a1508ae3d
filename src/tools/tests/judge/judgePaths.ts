import { posix } from "node:path";
import { isTestPath } from "../testCommand.ts";

const FOLDERS = new Set(
  "test tests __tests__ spec specs e2e cypress __mocks__ __snapshots__ __fixtures__ fixtures fixture testdata test-data test-utils".split(
    " ",
  ),
);

/** Test factories have a folder of their own at the top; `src/factories/` is ordinary code. */
const TOP_FOLDERS = new Set(["factories", "mocks", "stubs"]);

const FILES =
  "package.json mix.exs pyproject.toml setup.py setup.cfg pytest.ini tox.ini noxfile.py conftest.py test_helper.exs phpunit.xml cargo.toml go.mod gemfile " +
  "rakefile makefile gnumakefile justfile taskfile.yml taskfile.yaml dockerfile jenkinsfile procfile deno.json deno.jsonc bunfig.toml biome.json biome.jsonc " +
  "setuptests.js setuptests.ts setuptests.tsx pnpm-workspace.yaml lerna.json nx.json turbo.json";

const NAMES = new Set(FILES.split(" "));

const CONFIGURATION = [
  // vitest.config.ts, jest.setup.js, karma.conf.js, vite.workspace.ts
  /^(?:vite|vitest|jest|karma|ava|playwright|cypress|mocha|tap|wdio|nightwatch|babel|webpack|rollup|rspack|esbuild|swc|tsup|next|nuxt|svelte|astro|eslint|stylelint|prettier|stryker|turbo|commitlint)[\w.-]*\.(?:config|conf|setup|workspace)\.(?:[cm]?[jt]sx?|json)$/,
  /^(?:ts|js)config(?:\..+)?\.json$/,
  /^(?:gulp|grunt)file\..+$/,
  // .mocharc.yml, .nycrc, .taprc, .babelrc, .rspec, .coveragerc
  /^\.(?:[\w-]+rc(?:\..+)?|rspec|env\.test|formatter\.exs|credo\.exs|npmrc|swcrc)$/,
  /^(?:test|tests|spec|jest|vitest|mocha)[-_](?:setup|helpers?|utils?|support|env)\.\w+$/,
  /^(?:package-lock|npm-shrinkwrap)\.json$|^(?:yarn|mix|poetry|uv|pnpm-lock)\.(?:lock|yaml)$/,
  /\.(?:snap|fixture)(?:\.\w+)?$/,
];

/**
 * Whether a path judges patches by its name: tests, their fixtures, mocks, snapshots and helpers, and what configures
 * test runners, builds and checks.
 */
export function isJudgePath(path: string): boolean {
  const segments = path.split("/");
  const name = (segments.pop() ?? "").toLowerCase();
  if (isTestPath(path) || segments.some((segment) => FOLDERS.has(segment.toLowerCase()))) return true;
  if (TOP_FOLDERS.has(segments[0]?.toLowerCase() ?? "")) return true;
  if (/^config\/tests?\.(?:exs|[cm]?[jt]s|json|ya?ml)$/.test(posix.normalize(path))) return true;
  return NAMES.has(name) || CONFIGURATION.some((pattern) => pattern.test(name));
}

const APP_FOLDERS = new Set(
  (
    "src lib app apps packages services libs modules source sources server client web api www public pages components routes handlers " +
    "controllers models views core internal pkg cmd priv"
  ).split(" "),
);

/** The folder of a file if it is one where applications keep their code: the first one below the service's root. */
export function isAppPath(path: string, root: string): boolean {
  const below = root === "" || root === "." || !path.startsWith(`${root}/`) ? path : path.slice(root.length + 1);
  return below.includes("/") && APP_FOLDERS.has(below.split("/")[0] ?? "");
}

/** Whether a file name is one of a helper that checks or replays. */
export function namesAHelper(path: string): boolean {
  return /(?:^|[-_.])(?:helpers?|assert\w*|checks?|expect\w*|verif\w*|fixtures?|mocks?|stubs?|repro\w*|replay|trigger\w*|harness|tests?)(?=[-_.]|$)/i.test(
    posix.basename(path),
  );
}
