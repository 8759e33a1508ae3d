/** The socket of one client, as far as the protocol needs it. */
export interface Peer {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Stops and starts reading: what arrives meanwhile waits in the kernel, and so in the client. */
  pause(): void;
  resume(): void;
  /** Resolves after that many milliseconds, or when the socket is gone. */
  wait(ms: number): Promise<void>;
  isOpen(): boolean;
}
