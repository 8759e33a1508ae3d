import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { messageOf } from "../domain/errors.ts";
import type { DropReason } from "../domain/event.ts";

/** A body as text, or why it cannot be had; `status` is HTTP's. */
export type BodyResult =
  | { kind: "text"; text: string }
  | { kind: "refused"; status: 400 | 413 | 415; reason: DropReason; message: string };

type Decompress = (data: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;

const DECOMPRESS: Record<string, Decompress> = {
  gzip: promisify(gunzip) as Decompress,
  "x-gzip": promisify(gunzip) as Decompress,
  deflate: promisify(inflate) as Decompress,
  br: promisify(brotliDecompress) as Decompress,
};

/** Reads a request's body, never more than `maxBytes` of it in memory: neither as sent nor decompressed (165 bytes of brotli are 100 MiB of zeros). */
export async function readBody(request: Request, maxBytes: number): Promise<BodyResult> {
  const encoding = (request.headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  const decompress = DECOMPRESS[encoding];
  if (decompress === undefined && encoding !== "identity" && encoding !== "") {
    return refuse(415, "invalid", `content-encoding ${encoding} is not known; use gzip, deflate, br or none`);
  }
  const sent = await collect(request, maxBytes);
  if (sent === "tooLarge") return refuse(413, "tooLarge", `the body is larger than ${maxBytes} bytes`);
  if (sent === "aborted") return refuse(400, "invalid", "the body ended early");
  if (decompress === undefined) return decode(sent);
  try {
    return decode(await decompress(sent, { maxOutputLength: maxBytes }));
  } catch (thrown) {
    return (thrown as { code?: string }).code === "ERR_BUFFER_TOO_LARGE"
      ? refuse(413, "tooLarge", `the body is larger than ${maxBytes} bytes when decompressed`)
      : refuse(400, "invalid", `the body is not valid ${encoding}: ${messageOf(thrown)}`);
  }
}

async function collect(request: Request, maxBytes: number): Promise<Buffer | "tooLarge" | "aborted"> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return "tooLarge";
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > maxBytes) return "tooLarge";
      chunks.push(chunk);
    }
  } catch {
    return "aborted";
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Uint8Array): BodyResult {
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return refuse(400, "invalid", "the body is not UTF-8");
  }
}

function refuse(status: 400 | 413 | 415, reason: DropReason, message: string): BodyResult {
  return { kind: "refused", status, reason, message };
}
