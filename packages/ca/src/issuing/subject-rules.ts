// SPDX-License-Identifier: Apache-2.0
import { SpiffeError, SpiffeId, type TrustDomain } from "@mayfly/spiffe";
import { SignerError } from "../errors.ts";
import type { X509Request } from "../ports.ts";

/** Published limits. */
const maxDnsNames = 128;
const maxDnsNameLength = 255;
const maxRequesterBytes = 2048;
const maxEntryIdBytes = 1024;

type Purpose = X509Request["purpose"];
type Origin = Pick<X509Request, "requester" | "entryId" | "entryRevision">;

/** Which paths a purpose may have; `/spire` is reserved for server and agents. */
const pathRules: Readonly<Record<Purpose, (path: string) => boolean>> = {
  workload: isWorkloadPath,
  mint: isWorkloadPath,
  agent: (path) => path.startsWith("/spire/agent/"),
  server: (path) => path === "/spire/server",
};

function isWorkloadPath(path: string): boolean {
  return path !== "" && path !== "/spire" && !path.startsWith("/spire/");
}

/** @throws {SignerError} ID_REFUSED unless `text` is an ID of the trust domain that the purpose may have */
export function checkId(text: string, purpose: Purpose, trustDomain: TrustDomain): void {
  const id = parseId(text);
  if (!id.memberOf(trustDomain)) {
    throw new SignerError("ID_REFUSED", `${JSON.stringify(text)} is not in trust domain ${trustDomain.name}`);
  }
  // X509-SVID §2, SPIFFE-ID §3.1: the bare trust domain is the authority's own name.
  if (!pathRules[purpose](id.path)) {
    throw new SignerError("ID_REFUSED", `${JSON.stringify(text)} can't be the ID of a ${purpose}`);
  }
}

function parseId(text: string): SpiffeId {
  try {
    return SpiffeId.parse(text);
  } catch (cause) {
    if (!(cause instanceof SpiffeError)) throw cause;
    throw new SignerError("ID_REFUSED", "the name is no SPIFFE ID", { cause });
  }
}

/** @throws {SignerError} DNS_NAME_REFUSED */
export function checkDnsNames(names: readonly string[]): void {
  if (names.length > maxDnsNames) throw new SignerError("DNS_NAME_REFUSED", `more than ${maxDnsNames} DNS names`);
  for (const name of names) {
    if (name.length > maxDnsNameLength || !/^[\x20-\x7e]+$/.test(name) || name.trim() === "") {
      throw new SignerError("DNS_NAME_REFUSED", `${JSON.stringify(name.slice(0, 80))} is no DNS name`);
    }
  }
  if (new Set(names).size !== names.length) throw new SignerError("DNS_NAME_REFUSED", "a DNS name comes twice");
}

/** @throws {SignerError} REQUESTER_REFUSED: the log must be able to say who asked, and for which entry */
export function checkOrigin({ requester, entryId = "", entryRevision = 0 }: Origin): void {
  if (requester === "" || !fitsLog(requester, maxRequesterBytes)) {
    throw new SignerError("REQUESTER_REFUSED", `a requester has 1 to ${maxRequesterBytes} bytes`);
  }
  if (!fitsLog(entryId, maxEntryIdBytes) || !Number.isSafeInteger(entryRevision) || entryRevision < 0) {
    throw new SignerError("REQUESTER_REFUSED", `an entry has an id of at most ${maxEntryIdBytes} bytes and a revision`);
  }
}

function fitsLog(text: string, maxBytes: number): boolean {
  return text.isWellFormed() && Buffer.byteLength(text) <= maxBytes;
}
