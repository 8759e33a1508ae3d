import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { messageOf } from "../../domain/errors.ts";
import type { ByteLease } from "../admission/byteBudget.ts";

/** The decompressed bytes of a body, or why they cannot be read. */
export type BodyResult =
  | { kind: "bytes"; bytes: Uint8Array }
  | { kind: "refused"; code: "invalid" | "tooLarge" | "unsupportedEncoding" | "busy"; message: string };

type Refused = Extract<BodyResult, { kind: "refused" }>;

export interface BodyOptions {
  /** Maximum size both as sent and decompressed, because 165 bytes of brotli decompress to 100 MiB of zeros. */
  maxBytes: number;
  /** Reserves the bytes while they are in memory. */
  lease: ByteLease;
  /** Called with each piece as sent, before decompression. */
  onSent?: ((piece: Uint8Array) => void) | undefined;
}

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

const DECOMPRESS: Record<string, () => Transform> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Why reading stopped before the end of the body. */
class BrokenOff extends Error {
  readonly code: "tooLarge" | "busy";

  constructor(code: "tooLarge" | "busy") {
    super(code);
    this.code = code;
  }
}

/**
 * Reads a request's body, and stops as soon as a limit is exceeded. Memory never contains more than the limit, neither
 * as sent nor decompressed.
 */
export async function readBody(request: Request, options: BodyOptions): Promise<BodyResult> {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() || "identity";
  const decompress = DECOMPRESS[encoding];
  if (decompress === undefined && encoding !== "identity") {
    const message = `content-encoding ${encoding.slice(0, 40)} is not known; use gzip, deflate, br or none`;
    return { kind: "refused", code: "unsupportedEncoding", message };
  }
  try {
    const sent = await sentPieces(request, options);
    const bytes = decompress === undefined ? await collect(sent) : await decompressed(sent, decompress(), options);
    return { kind: "bytes", bytes };
  } catch (thrown) {
    return { kind: "refused", ...refusalOf(thrown, encoding, options.maxBytes) };
  }
}

/** The body as sent. It is one piece if its length is declared, which is a lot faster than a stream of pieces. */
async function sentPieces(request: Request, options: BodyOptions): Promise<Pieces> {
  const announced = request.headers.get("content-length");
  if (announced === null) return capped(request.body ?? [], options);
  book(Number(announced), 0, options);
  const whole = new Uint8Array(await request.arrayBuffer());
  options.onSent?.(whole);
  return [whole];
}

async function decompressed(sent: Pieces, through: Transform, options: BodyOptions): Promise<Uint8Array> {
  let bytes: Uint8Array = new Uint8Array();
  await pipeline(sent, through, async (out: AsyncIterable<Uint8Array>) => {
    bytes = await collect(capped(out, { ...options, onSent: undefined }));
  });
  return bytes;
}

async function* capped(pieces: Pieces, options: BodyOptions): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of pieces) {
    book(piece.byteLength, size, options);
    size += piece.byteLength;
    options.onSent?.(piece);
    yield piece;
  }
}

function book(more: number, before: number, { maxBytes, lease }: BodyOptions): void {
  if (before + more > maxBytes) throw new BrokenOff("tooLarge");
  if (!lease.take(more)) throw new BrokenOff("busy");
}

async function collect(pieces: Pieces): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return all.length === 1 ? (all[0] ?? new Uint8Array()) : Buffer.concat(all);
}

function refusalOf(thrown: unknown, encoding: string, maxBytes: number): Pick<Refused, "code" | "message"> {
  const code = thrown instanceof BrokenOff ? thrown.code : "invalid";
  if (code === "tooLarge")
    return { code, message: `the body is larger than ${maxBytes} bytes, as sent or decompressed` };
  if (code === "busy") return { code, message: "too much is being read at the moment" };
  const isCoding = /^(?:Z_|ERR_)/.test((thrown as { code?: string }).code ?? "");
  return {
    code,
    message: isCoding ? `the body is not valid ${encoding}: ${messageOf(thrown)}` : "the body ended early",
  };
}
