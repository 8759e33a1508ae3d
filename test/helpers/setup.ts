import { afterAll } from "vitest";
import { removeTemporaryFolders } from "./gitRepository.ts";

/** A process is forked to start another: what it holds is copied each time, also what nobody needs any more. */
const LARGE_BYTES = 400_000_000;

// Files share a process, and with it the modules that they import: what is to happen after each file is asked for here.
afterAll(() => {
  removeTemporaryFolders();
  if (process.memoryUsage.rss() > LARGE_BYTES) globalThis.gc?.();
});
