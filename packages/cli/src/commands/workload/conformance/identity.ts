// SPDX-License-Identifier: Apache-2.0
import type { WorkloadX509Svid } from "@mayfly/rpc";
import { type Certificate, SpiffeError, SpiffeId, TrustDomain, X509Bundle, X509Svid } from "@mayfly/spiffe";

/** More identities than these are not read. */
const maxIdentities = 100;

/** What could be read, or the stable code of why it could not. */
export type Read<T> = { readonly value: T } | { readonly problem: string };

/** One X509SVID message, read part by part: a defect in one leaves the others to be looked at. */
export interface Identity {
  readonly message: WorkloadX509Svid;
  /** Of the field `spiffe_id`; undefined when it is no SPIFFE ID. */
  readonly id: SpiffeId | undefined;
  /** Of `x509_svid`, in order. */
  readonly chain: Read<readonly Certificate[]>;
  /** Chain and key together. */
  readonly svid: Read<X509Svid>;
  /** Of `bundle`, in order. */
  readonly authorities: Read<readonly Certificate[]>;
}

const placeholder = TrustDomain.parse("conformance.invalid");

/** Runs a parser on untrusted bytes. */
export function read<T>(parse: () => T): Read<T> {
  try {
    return { value: parse() };
  } catch (error) {
    if (error instanceof SpiffeError) return { problem: error.code };
    throw error;
  }
}

/** Concatenated DER certificates. */
export function readCertificates(der: Uint8Array): Read<readonly Certificate[]> {
  return read(() => X509Bundle.fromDer(placeholder, der).authorities);
}

function readId(text: string): SpiffeId | undefined {
  const id = read(() => SpiffeId.parse(text));
  return "value" in id ? id.value : undefined;
}

function readIdentity(message: WorkloadX509Svid): Identity {
  return {
    message,
    id: readId(message.spiffe_id),
    chain: readCertificates(message.x509_svid),
    svid: read(() => X509Svid.parse(message.x509_svid, message.x509_svid_key, message.hint)),
    authorities: readCertificates(message.bundle),
  };
}

/** The first 100 of an answer. */
export function readIdentities(svids: readonly WorkloadX509Svid[]): Identity[] {
  return svids.slice(0, maxIdentities).map(readIdentity);
}
