// SPDX-License-Identifier: Apache-2.0
import { X509Error } from "./errors.ts";

const maxPemLength = 6 * 1024 * 1024;

/**
 * All blocks with this label, e.g. "CERTIFICATE", in order; blocks with other labels and text between blocks are skipped
 * (RFC 7468 §2). An empty list when there is none.
 * @throws {X509Error} TOO_LARGE over 6 MiB; PEM_MALFORMED for a block without end or with a body that is not base64
 */
export function parsePem(pem: string, label: string): Uint8Array[] {
  if (pem.length > maxPemLength) throw new X509Error("TOO_LARGE", `PEM text is longer than ${maxPemLength} characters`);
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  const blocks: Uint8Array[] = [];
  for (let from = pem.indexOf(begin); from !== -1; from = pem.indexOf(begin, from)) {
    const to = pem.indexOf(end, from);
    if (to === -1) throw new X509Error("PEM_MALFORMED", `a PEM block ${JSON.stringify(label)} has no end`);
    blocks.push(decodeBody(pem.slice(from + begin.length, to), label));
    from = to + end.length;
  }
  return blocks;
}

function decodeBody(body: string, label: string): Uint8Array {
  const text = body.replaceAll(/[ \t\r\n]+/g, "");
  const bytes = Buffer.from(text, "base64");
  if (text === "" || bytes.toString("base64") !== text) {
    throw new X509Error("PEM_MALFORMED", `a PEM block ${JSON.stringify(label)} is not base64`);
  }
  return new Uint8Array(bytes);
}

/** One PEM block, lines of 64 characters, with a line end after the last (RFC 7468 §2). */
export function toPem(label: string, der: Uint8Array): string {
  const text = Buffer.from(der.buffer, der.byteOffset, der.length).toString("base64");
  return `-----BEGIN ${label}-----\n${text.replaceAll(/.{1,64}/g, "$&\n")}-----END ${label}-----\n`;
}
