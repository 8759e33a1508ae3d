import type { Workspace } from "../../domain/ports/workspace.ts";

/** Lines of test runners and of the runtime that do not help to repair. */
const NOISE =
  /^\s*(?:# (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms)\b|[ℹ#] |TAP version|1\.\.\d+$|---$|\.\.\.$|(?:duration_ms|location|failureType|type|code): |(?:at )?[\w.<>[\] ]*\(?node:|(?:at )?\S+ \(<anonymous>\)$)/;

/** The output of a run without those lines and without the paths of this machine. */
export function stripOutputNoise(text: string, { dir, service }: Pick<Workspace, "dir" | "service">): string {
  return text
    .split("\n")
    .filter((line) => !NOISE.test(line))
    .join("\n")
    .replaceAll(`file://${service.repo}/`, "")
    .replaceAll(`${service.repo}/`, "")
    .replaceAll(dir, ".");
}
