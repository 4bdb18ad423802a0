// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from "node:http";
import { HttpRefusal } from "./http-refusal.ts";

/** Reads a body within size and time. @throws {HttpRefusal} BODY_TOO_LARGE, BODY_TOO_SLOW, REQUEST_MALFORMED */
export async function readBody(
  request: IncomingMessage,
  { maxBytes, timeoutMs }: { readonly maxBytes: number; readonly timeoutMs: number },
): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const late = new HttpRefusal("BODY_TOO_SLOW", "the body does not arrive");
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    request.destroy(late);
  }, timeoutMs);
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof HttpRefusal) throw error;
    throw isLate ? late : new HttpRefusal("REQUEST_MALFORMED", "the body broke off");
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(parts);
}

function tooLarge(maxBytes: number): HttpRefusal {
  return new HttpRefusal("BODY_TOO_LARGE", `a body has at most ${String(maxBytes)} bytes`);
}
