// SPDX-License-Identifier: Apache-2.0
import type { AttestAgentRequest } from "@mayfly/rpc";
import { invalidArgument } from "../rpc/wire/refusal.ts";

/** The first message of an attestation, complete. */
export interface AttestationParams {
  readonly type: string;
  readonly payload: Uint8Array;
  /** PKCS#10, DER; not parsed yet. */
  readonly csr: Uint8Array;
}

/** @throws {StatusError} INVALID_ARGUMENT when a part is missing */
export function parseAttestationParams({ params }: AttestAgentRequest): AttestationParams {
  if (!params) throw invalidArgument("malformed param: missing params");
  const { data, params: svid } = params;
  if (!data) throw invalidArgument("malformed param: missing attestation data");
  if (!svid) throw invalidArgument("malformed param: missing X509-SVID parameters");
  if (svid.csr.length === 0) throw invalidArgument("malformed param: missing CSR");
  if (data.type === "") throw invalidArgument("malformed param: missing attestation data type");
  if (data.payload.length === 0) throw invalidArgument("malformed param: missing attestation data payload");
  return { type: data.type, payload: data.payload, csr: svid.csr };
}
