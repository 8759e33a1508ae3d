/**
 * Who may import whom. A folder may import itself and what is listed, so nothing points up:
 * main and cli → server, oneShot → composition → everything below it.
 */
const folders = {
  domain: [],
  ingest: ["domain"],
  syntax: ["domain"],
  policy: ["domain", "syntax"],
  tools: ["domain"],
  store: ["domain"],
  deploy: ["domain"],
  integrations: ["domain"],
  config: ["domain"],
  dashboard: ["domain"],
  cli: ["domain"],
  repair: ["domain", "syntax", "tools"],
  tickets: ["domain", "policy"],
  autonomy: ["domain", "policy", "tickets"],
  agents: ["domain", "syntax", "tools", "policy", "repair", "tickets", "autonomy"],
  graph: ["domain", "agents", "policy", "tickets", "autonomy"],
  composition: [
    "domain",
    "syntax",
    "ingest",
    "policy",
    "tools",
    "store",
    "deploy",
    "integrations",
    "config",
    "dashboard",
    "repair",
    "tickets",
    "autonomy",
    "agents",
    "graph",
  ],
  server: ["domain", "ingest", "config", "dashboard", "autonomy", "tickets", "graph", "composition"],
  oneShot: ["domain", "ingest", "config", "graph", "composition"],
};

/** Entry points, which package.json and langgraph.json name: they see main.ts. */
const ENTRY_POINTS = "^src/(graph/(index|auth)|cli/index)\\.ts$";

/** What several agents share; every other folder under agents/ is one agent's own. */
const SHARED_BY_AGENTS = "^src/agents/(branch|deployment|prompting)/";

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    ...Object.entries(folders).map(([folder, allowed]) => ({
      name: `${folder}-imports`,
      comment: `${folder} may import only: ${[folder, ...allowed].join(", ")}`,
      severity: "error",
      from: { path: `^src/${folder}/`, pathNot: ENTRY_POINTS },
      to: { path: "^src/", pathNot: `^src/(${[folder, ...allowed].join("|")})/` },
    })),
    {
      name: "every-folder-has-a-rule",
      comment: "only main.ts stands at the root of src, and a new folder needs a line above",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/(main\\.ts$|(${Object.keys(folders).join("|")})/)` },
      to: {},
    },
    {
      name: "main-is-the-top",
      severity: "error",
      from: { path: "^src/", pathNot: ENTRY_POINTS },
      to: { path: "^src/main\\.ts$" },
    },
    {
      name: "agents-know-no-other-agent",
      comment: "an agent may import its own folder, what agents share, and agents/deps.ts",
      severity: "error",
      from: { path: "^src/agents/([^/]+)/" },
      to: { path: "^src/agents/[^/]+/", pathNot: `^src/agents/$1/|${SHARED_BY_AGENTS}` },
    },
    {
      name: "agents-share-downwards",
      comment: "what agents share knows no agent",
      severity: "error",
      from: { path: SHARED_BY_AGENTS },
      to: { path: "^src/agents/[^/]+/", pathNot: SHARED_BY_AGENTS },
    },
    {
      name: "languages-stand-side-by-side",
      comment: "the engine of one language knows no other language's",
      severity: "error",
      from: { path: "^src/repair/(javascript|python|elixir)/" },
      to: { path: "^src/repair/(javascript|python|elixir)/", pathNot: "^src/repair/$1/" },
    },
    {
      name: "stores-stand-side-by-side",
      comment: "a database knows no files, and files know no database: store/ puts them together",
      severity: "error",
      from: { path: "^src/store/(sqlite|files)/" },
      to: { path: "^src/store/", pathNot: "^src/store/$1/|^src/store/contract\\.ts$" },
    },
    { name: "clients-stand-alone", severity: "error", from: { path: "^clients/" }, to: { path: "^src/" } },
    {
      name: "src-never-imports-tests",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|cases|bench|examples|eval)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
