// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { RegistrationEntry } from "@mayfly/registration";
import { Certificate } from "@mayfly/x509";
import { AgentError } from "../errors.ts";
import type { WorkloadKey } from "./key-pool.ts";

/** An X.509-SVID in the agent's memory, with its private key. */
export interface WorkloadSvid {
  readonly entryId: string;
  readonly spiffeId: string;
  /** `profileOf` the entry that it was issued for. */
  readonly profile: string;
  /** Concatenated DER, leaf first. */
  readonly chainDer: Buffer;
  /** PKCS#8, DER. */
  readonly keyDer: Buffer;
  /** Hex SHA-256 of the leaf. */
  readonly fingerprint: string;
  /** Key identifier of the signer, hex. */
  readonly authorityKeyId: string | undefined;
  readonly notAfter: Date;
  /** When to replace it. */
  readonly renewAt: Date;
}

/** What the server issued: its answer for one key, and when it came. */
export interface IssuedChain {
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[];
  readonly at: Date;
}

/** Takes a chain as the server issued it for the key. @throws {AgentError} BAD_ANSWER when it is not for this entry and key; {X509Error} */
export function workloadSvidOf(entry: RegistrationEntry, key: WorkloadKey, { chain, at }: IssuedChain): WorkloadSvid {
  const leaf = Certificate.parse(chain[0] ?? new Uint8Array());
  const spki = key.publicKey.export({ format: "der", type: "spki" });
  // Workload API §5.2: spiffe_id is the leaf's own; nothing else may reach a workload under this name.
  if (leaf.uris.length !== 1 || leaf.uris[0] !== entry.spiffeId || !spki.equals(leaf.spki)) {
    throw new AgentError("BAD_ANSWER", "the certificate is not for the entry and key that it was asked for");
  }
  // Not from notBefore: that is dated back, by more than all of a short life.
  const from = new Date(Math.max(at.getTime(), leaf.notBefore.getTime()));
  // The last second of both counts: one that ends with its entry is the last, and no other would live longer.
  const isLast = entry.expiresAt !== 0 && leaf.notAfter.getTime() >= (entry.expiresAt - 1) * 1000;
  return {
    entryId: entry.id,
    spiffeId: entry.spiffeId,
    profile: profileOf(entry),
    chainDer: Buffer.concat(chain),
    keyDer: key.privateKey.export({ format: "der", type: "pkcs8" }),
    fingerprint: leaf.fingerprint,
    authorityKeyId: leaf.authorityKeyId,
    notAfter: leaf.notAfter,
    renewAt: isLast ? leaf.notAfter : renewalTime(entry.id, from, leaf.notAfter),
  };
}

/** What of an entry shows in a certificate: a change of anything else needs no new one. */
export function profileOf({ spiffeId, dnsNames, x509SvidTtl, expiresAt }: RegistrationEntry): string {
  return JSON.stringify([spiffeId, x509SvidTtl, expiresAt, ...dnsNames]);
}

/** At 40 to 50 % of life; where in between depends on the entry, so that entries of one age do not come together. */
export function renewalTime(entryId: string, from: Date, notAfter: Date): Date {
  const spread = createHash("sha256").update(entryId).digest().readUInt16BE(0) / 0xffff;
  const life = notAfter.getTime() - from.getTime();
  return new Date(from.getTime() + life * (0.4 + 0.1 * spread));
}
