import { afterAll } from "vitest";
import { removeTemporaryFolders } from "./gitRepository.ts";

// Files share a process, and with it the modules that they import: what is to happen after each file is asked for here.
afterAll(removeTemporaryFolders);
