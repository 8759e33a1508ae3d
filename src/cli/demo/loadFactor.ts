import { availableParallelism, loadavg } from "node:os";

/** How many programs share each processor of this machine now; 1 where none has to wait. A time limit that is right for an idle machine is multiplied by it. */
export function loadFactor(): number {
  return Math.max(1, (loadavg()[0] ?? 1) / availableParallelism());
}
