export interface RunningServer {
  pid: number;
  port: number;
  commit: string;
}

export function keepRelease(home: string, commit: string, checkout: string): string;
export function readServer(home: string): RunningServer | null;
export function stopServer(home: string): Promise<void>;
export function startServer(home: string, release: string, commit: string): Promise<number>;
