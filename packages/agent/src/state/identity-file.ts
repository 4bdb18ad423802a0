// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from "node:crypto";
import type { StoredBundle } from "@mayfly/registration";
import { AgentError } from "../errors.ts";
import { type AgentSvid, agentSvidOf, fromPkcs8, pkcs8 } from "../identity/agent-svid.ts";
import { readPrivate, writeAtomically } from "./atomic-file.ts";
import { type BundleRecord, bundleFromRecord, bundleToRecord } from "./stored-bundle.ts";

/** What the agent keeps of itself over a restart. */
export interface StoredIdentity {
  /** Name. */
  readonly trustDomain: string;
  /** `host:port`. */
  readonly servers: readonly string[];
  /** The server's bundle; undefined before the first contact. */
  readonly bundle: StoredBundle | undefined;
  readonly svid: AgentSvid | undefined;
  /** Key of an attestation whose answer did not come yet: an enrolment string can be presented again with it, and with no other. */
  readonly attestationKey: KeyObject | undefined;
}

interface Record {
  readonly version: 1;
  readonly trust_domain: string;
  readonly servers: readonly string[];
  readonly bundle?: BundleRecord | undefined;
  readonly svid?:
    | { readonly chain: readonly string[]; readonly key: string; readonly can_reattest: boolean }
    | undefined;
  readonly attestation_key?: string | undefined;
}

/** Replaces the file; resolves when the disk has it. */
export async function saveIdentity(path: string, identity: StoredIdentity): Promise<void> {
  const { svid, bundle, attestationKey } = identity;
  const record: Record = {
    version: 1,
    trust_domain: identity.trustDomain,
    servers: identity.servers,
    bundle: bundle && bundleToRecord(bundle),
    svid: svid && {
      chain: svid.chain.map(base64),
      key: base64(pkcs8(svid.privateKey)),
      can_reattest: svid.canReattest,
    },
    attestation_key: attestationKey && base64(pkcs8(attestationKey)),
  };
  await writeAtomically(path, JSON.stringify(record));
}

/** undefined when the agent has none yet. @throws {AgentError} STATE_UNREADABLE, STATE_UNSAFE */
export async function loadIdentity(path: string): Promise<StoredIdentity | undefined> {
  const text = await readPrivate(path);
  if (text === undefined) return undefined;
  try {
    return fromRecord(JSON.parse(text) as Record);
  } catch {
    // The cause could quote a key.
    throw new AgentError(
      "STATE_UNREADABLE",
      `${JSON.stringify(path)} is damaged: remove it and let the agent attest again`,
    );
  }
}

function fromRecord(record: Record): StoredIdentity {
  if (record.version !== 1) throw new RangeError("unknown version");
  const { trust_domain: trustDomain, svid } = record;
  return {
    trustDomain,
    servers: record.servers,
    bundle: record.bundle && bundleFromRecord(record.bundle),
    svid:
      svid &&
      agentSvidOf(svid.chain.map(octets), fromPkcs8(octets(svid.key)), { trustDomain, canReattest: svid.can_reattest }),
    attestationKey: record.attestation_key === undefined ? undefined : fromPkcs8(octets(record.attestation_key)),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function octets(text: string): Uint8Array {
  return Buffer.from(text, "base64");
}
