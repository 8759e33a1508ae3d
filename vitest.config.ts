import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    reporters: ["default", "./test/helpers/closingLine.ts"],
    pool: "forks",
    // A file's own process would load LangGraph, zod and our own modules again, which takes longer than most tests. What a
    // test changes of its process (timers, the environment) it puts back.
    isolate: false,
    setupFiles: ["./test/helpers/setup.ts"],
    execArgv: ["--expose-gc"],
    globalSetup: ["./test/helpers/globalSetup.ts"],
    // Journeys start servers, git and sandboxes; two cores run two files at a time.
    maxWorkers: 2,
    // Only a net under what hangs for good: what is slow on a busy machine is waited for. Waits count from the last headway.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 300_000 } },
  },
});
