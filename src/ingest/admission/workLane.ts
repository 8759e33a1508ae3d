import { setImmediate as nextTurn } from "node:timers/promises";

/** Whom a piece of work is for. Work of the same account is done in order. */
export type Account = string;

/** How long the lane works in one turn of the event loop before it lets everything else have its turn, milliseconds. */
const TURN_MS = 10;

/**
 * The one place where ingest uses the CPU. This process has one thread: what ingest does in one go, health checks, pages
 * and the kill switch wait for. So ingest does a little work in each turn of the event loop, one account after the other,
 * and whatever else came in meanwhile is answered between two turns.
 */
export interface WorkLane {
  /** Does one bounded piece of synchronous work, at once if this turn has room, and books its cost. Rethrows its error. */
  run<T>(account: Account, work: () => T): Promise<T>;
  /** Pieces that wait. */
  waiting(): number;
}

/** No lane: all work is done at once. For programs that serve nobody. */
export const AT_ONCE: Pick<WorkLane, "run"> = { run: async (_account, work) => work() };

export interface WorkLaneDeps {
  /** Books what a piece of work cost, milliseconds. */
  book: (account: Account, costMs: number) => void;
  /** Milliseconds of CPU time. Only differences count. Default: `cpuNow`. */
  cpuNow?: () => number;
  /** Resolves in the next turn of the event loop. */
  turn?: () => Promise<void>;
}

interface Piece {
  account: Account;
  work: () => void;
}

/** Creates the lane. There is one for all keys. */
export function createWorkLane({ book, cpuNow = ownCpu, turn = nextTurn }: WorkLaneDeps): WorkLane {
  const queues = new Map<Account, Piece[]>();
  let waiting = 0;
  let spentMs = 0;
  let isTurning = false;

  const doNow = ({ account, work }: Piece): void => {
    const from = cpuNow();
    work();
    const costMs = Math.max(0, cpuNow() - from);
    spentMs += costMs;
    book(account, costMs);
  };
  /** The next piece of the account that has waited longest since its last one. */
  const next = (): Piece | undefined => {
    const [first] = queues;
    if (first === undefined) return undefined;
    const [account, pieces] = first;
    const piece = pieces.shift();
    queues.delete(account);
    if (pieces.length > 0) queues.set(account, pieces);
    if (piece !== undefined) waiting--;
    return piece;
  };
  /** Counts what is spent in each turn, until nothing waits and nothing was spent. */
  const followTurns = async (): Promise<void> => {
    if (isTurning) return;
    isTurning = true;
    do {
      await turn();
      spentMs = 0;
      for (let piece = next(); piece !== undefined; piece = spentMs < TURN_MS ? next() : undefined) doNow(piece);
    } while (waiting > 0 || spentMs > 0);
    isTurning = false;
  };

  return {
    run: (account, work) =>
      new Promise((resolve, reject) => {
        const piece: Piece = {
          account,
          work: () => {
            try {
              resolve(work());
            } catch (thrown) {
              reject(thrown);
            }
          },
        };
        if (waiting === 0 && spentMs < TURN_MS) doNow(piece);
        else {
          const own = queues.get(account);
          if (own === undefined) queues.set(account, [piece]);
          else own.push(piece);
          waiting++;
        }
        void followTurns();
      }),
    waiting: () => waiting,
  };
}

/**
 * CPU time of this process, milliseconds, but never more than what passed on the clock: other threads (decompression,
 * garbage collection) count for the process, and a busy machine counts for the clock. The smaller one is nearer to the truth.
 */
export function createOwnCpu(wallNow: () => number, processNow: () => number): () => number {
  let [wall, used, own] = [wallNow(), processNow(), 0];
  return () => {
    const [newWall, newUsed] = [wallNow(), processNow()];
    own += Math.max(0, Math.min(newWall - wall, newUsed - used));
    [wall, used] = [newWall, newUsed];
    return own;
  };
}

const ownCpu = createOwnCpu(
  () => performance.now(),
  () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
);
