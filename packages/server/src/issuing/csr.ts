// SPDX-License-Identifier: Apache-2.0
import { CertificateRequest } from "@mayfly/x509";
import { WireError } from "../rpc/wire/refusal.ts";
import { type AcceptableKeys, KeyRefusedError } from "./acceptable-key.ts";

/** Published limit. */
const maxCsrBytes = 16 * 1024;

/** Strict DER, bounded, with a key that may be certified; its signature is not looked at. @throws {WireError} */
export function parseCsr(der: Uint8Array, keys: AcceptableKeys, requester: string): CertificateRequest {
  if (der.length > maxCsrBytes) throw new WireError(`larger than ${String(maxCsrBytes)} bytes`);
  try {
    const request = CertificateRequest.parse(der);
    keys.check(request.spki, requester);
    return request;
  } catch (cause) {
    if (cause instanceof KeyRefusedError) throw new WireError(cause.message, { cause });
    const { code, message } = cause as { code?: unknown; message: string };
    if (typeof code !== "string") throw cause;
    throw new WireError(message, { cause });
  }
}

/** Whether the requester holds the private key; never throws. */
export function provesKey(request: CertificateRequest): boolean {
  try {
    return request.verify();
  } catch {
    return false;
  }
}
