import type { Protocol } from "./contract.ts";
import { native } from "./native/index.ts";
import { otlp } from "./otlp/index.ts";
import { sentry } from "./sentry/index.ts";

/** Every way in. To add one, add a folder that exports a Protocol, and name it here; native comes last, since it reads what no other recognises. */
export const PROTOCOLS: readonly Protocol[] = [sentry, otlp, native];
