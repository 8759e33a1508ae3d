import { CanaryReading } from "../domain/canary.ts";
import { messageOf } from "../domain/errors.ts";
import { describeEnd } from "../domain/evidence.ts";
import { plainText } from "../domain/plainText.ts";
import type { CanaryTarget } from "../domain/ports/deployTarget.ts";
import type { ProcessRunner } from "../domain/ports/processRunner.ts";

/** Timeout of one metrics reading, milliseconds. */
const READ_TIMEOUT_MS = 15_000;
/** Maximum length of an answer, characters: it holds four numbers. */
const MAX_ANSWER = 65_536;

/**
 * Reads a canary's request and error counts from the service's metrics command or URL. An answer that is not exactly
 * four counters is `unreadable`. Throws only the signal's reason on abort.
 */
export function createCanaryMetrics(processes: ProcessRunner): Pick<CanaryTarget, "read"> {
  return {
    async read(service, { commit, previousCommit }, signal) {
      const { canary } = service;
      try {
        if (canary?.metricsUrl !== undefined) return readingIn(await answerOf(canary.metricsUrl, signal));
        if (canary?.metricsCommand === undefined) return unreadable("nothing tells the figures");
        const env = {
          SELFHEAL_SERVICE: service.name,
          SELFHEAL_COMMIT: commit,
          SELFHEAL_PREVIOUS_COMMIT: previousCommit,
        };
        const spec = { command: canary.metricsCommand, cwd: service.repo, timeoutMs: READ_TIMEOUT_MS, env, signal };
        const { end, stdout } = await processes.run(spec);
        signal.throwIfAborted();
        if (end.kind !== "exit" || end.code !== 0) return unreadable(`the metrics command: ${describeEnd(end)}`);
        return readingIn(stdout);
      } catch (error) {
        signal.throwIfAborted();
        return unreadable(messageOf(error));
      }
    },
  };
}

/** A redirect fails: it may lead to a login page. */
async function answerOf(url: string, signal: AbortSignal): Promise<string> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(READ_TIMEOUT_MS)]);
  const response = await fetch(url, { redirect: "manual", signal: either });
  if (!response.ok) throw new Error(`metricsUrl answered ${response.status}`);
  return response.text();
}

function readingIn(text: string): Awaited<ReturnType<CanaryTarget["read"]>> {
  if (text.length > MAX_ANSWER) return unreadable("the answer is too long");
  const parsed = CanaryReading.safeParse(JSON.parse(text));
  if (parsed.success) return { kind: "read", reading: parsed.data };
  const [issue] = parsed.error.issues;
  return unreadable(`the answer is not what it should be: ${issue?.path.join(".")}: ${issue?.message}`);
}

function unreadable(reason: string): { kind: "unreadable"; reason: string } {
  return { kind: "unreadable", reason: `the figures could not be read: ${plainText(reason).slice(0, 200)}` };
}
