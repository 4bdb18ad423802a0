// SPDX-License-Identifier: Apache-2.0
import { CallStatementError } from "../errors.ts";
import { statementType } from "./sign-call-statement.ts";

/** A statement taken apart; nothing in it is verified. */
export interface StatementParts {
  readonly algorithm: string;
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[];
  readonly payload: string;
  /** What the signature is over. */
  readonly input: Buffer;
  readonly signature: Buffer;
}

const maxBytes = 24_576;
const maxCertificates = 8;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The gate before any cryptography. @throws {CallStatementError} TOO_LARGE, MALFORMED, BAD_TYPE */
export function readStatement(token: string): StatementParts {
  if (token.length > maxBytes) throw new CallStatementError("TOO_LARGE", `a statement has at most ${maxBytes} bytes`);
  const [header, payload, signature, more] = token.split(".", 4);
  if (header === undefined || payload === undefined || signature === undefined || more !== undefined) {
    throw malformed("it has three segments");
  }
  const { algorithm, x5c } = readHeader(textOf(header));
  return {
    algorithm,
    chain: x5c.map((one) => {
      const der = Buffer.from(one, "base64");
      // Node's decoder skips what it does not know.
      if (der.toString("base64") !== one) throw malformed("x5c is not base64");
      return der;
    }),
    payload: textOf(payload),
    input: Buffer.from(`${header}.${payload}`, "latin1"),
    signature: bytesOf(signature),
  };
}

function readHeader(text: string): { readonly algorithm: string; readonly x5c: readonly string[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed("its header is no JSON");
  }
  const { alg, typ, x5c } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typ !== statementType) throw new CallStatementError("BAD_TYPE", `a call statement's type is ${statementType}`);
  if (typeof alg !== "string" || !Array.isArray(x5c) || x5c.length === 0 || x5c.length > maxCertificates) {
    throw malformed(`its header has an algorithm and 1 to ${maxCertificates} certificates`);
  }
  if (!x5c.every((one): one is string => typeof one === "string")) throw malformed("x5c is a list of texts");
  // One spelling, no further member: nothing in a header can mean something to one reader only.
  if (JSON.stringify({ alg, typ, x5c }) !== text) throw malformed("its header has another form");
  return { algorithm: alg, x5c };
}

function bytesOf(segment: string): Buffer {
  const bytes = Buffer.from(segment, "base64url");
  if (bytes.toString("base64url") !== segment) throw malformed("a segment is not base64url");
  return bytes;
}

function textOf(segment: string): string {
  const bytes = bytesOf(segment);
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed("a segment is not UTF-8");
  }
}

function malformed(message: string): CallStatementError {
  return new CallStatementError("MALFORMED", `not a call statement: ${message}`);
}
