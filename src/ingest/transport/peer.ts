/** The socket of one client, as far as the stream needs it. */
export interface Peer {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** `pause` stops reading and `resume` continues. Meanwhile data waits in the kernel and therefore in the client. */
  pause(): void;
  resume(): void;
  /** Resolves after `ms` milliseconds, or when the socket is closed. */
  wait(ms: number): Promise<void>;
  isOpen(): boolean;
}
