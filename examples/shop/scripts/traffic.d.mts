export interface ShopRequest {
  method: "GET" | "POST";
  path: string;
  body?: Record<string, unknown>;
}

/** What a right answer holds: the fields named here, and perhaps others. */
export interface Expected {
  status: number;
  body: Record<string, unknown>;
}

export interface PlantedBug {
  id: string;
  kind: string;
  /** Repository-relative file that the crash is in. */
  module: string;
  /** The nearest named function on the stack. */
  function: string;
  request: ShopRequest;
  crash: { type: string; message: string; status: number };
  /** null for the one whose repair does not stay live. */
  expected: Expected | null;
  /** true when the app catches it and goes on. */
  handled?: boolean;
  severity: "critical" | "high" | "medium" | "low";
  outcome: "healed" | "approved" | "rolledBack";
}

export interface Reply {
  /** Of the planted bug, or of the ordinary request. */
  id: string;
  round: number;
  /** 0 when the connection failed; `error` says why. */
  status: number;
  body: unknown;
  error: string | null;
  asExpected: boolean;
}

export const bugs: readonly PlantedBug[];
export const ordinary: ReadonlyArray<{ id: string; request: ShopRequest; expected: Expected }>;

/** Sends every request `rounds` times, one after the other. Never throws for a request that failed. */
export function runTraffic(options: {
  baseUrl: string | (() => string);
  rounds?: number;
  only?: readonly string[];
  onReply?: (reply: Reply) => void;
  timeoutMs?: number;
  signal?: AbortSignal;
}): Promise<Reply[]>;

export function holds(actual: unknown, expected: unknown): boolean;
