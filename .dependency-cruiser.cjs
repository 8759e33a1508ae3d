/** Who may import whom: DESIGN's house rules. A layer may import itself and what is listed; compose alone sees everything. */
const layers = {
  domain: [],
  ingest: ["domain"],
  tools: ["domain"],
  policy: ["domain"],
  store: ["domain"],
  deploy: ["domain"],
  integrations: ["domain"],
  repair: ["domain", "tools"],
  agents: ["domain", "tools", "policy", "repair"],
  graph: ["domain", "agents", "policy"],
  dashboard: ["domain"],
  cli: ["domain"],
  config: ["domain"],
};

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    ...Object.entries(layers).map(([layer, allowed]) => ({
      name: `${layer}-imports`,
      comment: `${layer} may import only: ${[layer, ...allowed].join(", ")}`,
      severity: "error",
      from: {
        path: `^src/${layer}/`,
        // Entry points: what langgraph.json and package.json name.
        pathNot: "^src/((graph|cli)/index|graph/auth)\\.ts$",
      },
      to: { path: "^src/", pathNot: `^src/(${[layer, ...allowed].join("|")})/` },
    })),
    {
      name: "compose-is-for-entry-points",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/([^/]+|graph/(index|auth)|cli/index)\\.ts$" },
      to: { path: "^src/(main|compose)\\.ts$" },
    },
    { name: "clients-stand-alone", severity: "error", from: { path: "^clients/" }, to: { path: "^src/" } },
    {
      name: "src-never-imports-tests",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|cases|bench|examples)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
