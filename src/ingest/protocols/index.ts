import type { Protocol } from "./contract.ts";
import { native } from "./native/index.ts";
import { otlp } from "./otlp/index.ts";
import { sentry } from "./sentry/index.ts";

/**
 * All protocols. To add one, add a folder that exports a Protocol, and list it here. `native` is the last one, because
 * it reads every document that no other protocol recognises.
 */
export const PROTOCOLS: readonly Protocol[] = [sentry, otlp, native];
