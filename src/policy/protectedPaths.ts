import { matchesGlob, segmentsOf } from "./globs.ts";

interface Protection {
  /** What the path is, in words for people. */
  what: string;
  matches(segments: readonly string[], file: string): boolean;
}

const LOCKFILES = new Set(
  (
    "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb deno.lock mix.lock cargo.lock " +
    "poetry.lock pdm.lock uv.lock pipfile.lock gemfile.lock composer.lock go.sum gradle.lockfile packages.lock.json"
  ).split(" "),
);

const MANIFESTS = new Set(
  (
    "package.json bower.json deno.json deno.jsonc mix.exs rebar.config cargo.toml pyproject.toml setup.py setup.cfg pipfile " +
    "gemfile composer.json go.mod go.work pom.xml build.gradle build.gradle.kts settings.gradle pnpm-workspace.yaml lerna.json"
  ).split(" "),
);

const INSTRUCTIONS = new Set("agents.md claude.md gemini.md copilot-instructions.md skill.md llms.txt".split(" "));

const CI_FOLDERS = new Set(["ci", "workflows", "jenkins", "deploy", "deployment", "infra", "terraform", "k8s", "helm"]);
const CI_FILE =
  /^(?:jenkinsfile|azure-pipelines\.ya?ml|cloudbuild\.ya?ml|procfile|appveyor\.yml|fly\.toml|vercel\.json)$/;

const CONTAINER = /^(?:dockerfile|containerfile)(?:\..+)?$|\.dockerfile$|^(?:docker-)?compose(?:[.-].+)?\.ya?ml$/;

/** Files that decide whether the build succeeds and the tests pass. */
const BUILD =
  /^(?:(?:vite|vitest|jest|karma|ava|playwright|cypress|babel|webpack|rollup|esbuild|eslint|biome|next|nuxt|tsup)\.config\..+|(?:tsconfig|jsconfig|biome)(?:\..+)?\.jsonc?|makefile|rakefile|justfile|gulpfile\..+|gruntfile\..+|conftest\.py|pytest\.ini|tox\.ini|noxfile\.py|test_helper\.exs|.+\.(?:gyp|mk|cmake)|cmakelists\.txt)$/;

/** Whole words in a file or folder name that mark security code. */
const GUARDS = new Set(
  (
    "auth authn authz authentication authenticate authorization authorize authorisation crypto cryptography cipher session " +
    "sessions login logout signin signup password passwords passwd oauth oauth2 oidc saml sso jwt jwks secret secrets credential " +
    "credentials permission permissions acl rbac csrf xsrf cors security sanitize sanitizer tls ssl certs keys vault"
  ).split(" "),
);

const PROTECTIONS: readonly Protection[] = [
  { what: "a dot-file or dot-folder", matches: (segments) => segments.some((s) => s.startsWith(".")) },
  { what: "instructions to agents", matches: (_, file) => INSTRUCTIONS.has(file) },
  { what: "a lockfile", matches: (_, file) => LOCKFILES.has(file) },
  {
    what: "a package manifest (scripts and dependencies)",
    matches: (_, file) => MANIFESTS.has(file) || /^requirements.*\.(?:txt|in)$|\.(?:csproj|gemspec|nuspec)$/.test(file),
  },
  {
    what: "CI or deployment",
    matches: (segments, file) => segments.slice(0, -1).some((s) => CI_FOLDERS.has(s)) || CI_FILE.test(file),
  },
  { what: "a container definition", matches: (_, file) => CONTAINER.test(file) },
  { what: "build or test configuration", matches: (_, file) => BUILD.test(file) },
  {
    what: "a database migration or schema",
    matches: (segments, file) =>
      segments.slice(0, -1).some((s) => /^(?:migrations?|migrate)$/.test(s)) ||
      /\.sql$|^schema\.(?:rb|prisma)$/.test(file),
  },
  { what: "vendored code", matches: (segments) => segments.some((s) => s === "node_modules" || s === "vendor") },
  { what: "a shell script", matches: (_, file) => /\.(?:sh|bash|zsh|ps1|bat|cmd)$/.test(file) },
];

/** Why a path is protected, in words; null for an ordinary file. `patterns` are the service's own globs. */
export function protectionOf(path: string, patterns: readonly string[]): string | null {
  const segments = segmentsOf(path);
  const file = segments.at(-1) ?? "";
  const known = PROTECTIONS.find((protection) => protection.matches(segments, file));
  if (known !== undefined) return known.what;
  if (namesAGuard(path)) return "authentication, authorization or cryptography";
  return patterns.some((pattern) => matchesGlob(pattern, path)) ? "protected by the configuration" : null;
}

/** Splits names into words at camelCase and separators: `src/userAuth.ts`, `lib/session_store.ex`. */
function namesAGuard(path: string): boolean {
  const words = path
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .normalize("NFKC")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => GUARDS.has(word));
}
