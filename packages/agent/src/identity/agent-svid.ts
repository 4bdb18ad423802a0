// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { X509Svid } from "@mayfly/spiffe";
import { createRequest } from "@mayfly/x509";
import { AgentError } from "../errors.ts";

/** The agent's own identity towards its server. */
export interface AgentSvid {
  /** SPIFFE ID. */
  readonly id: string;
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[];
  readonly privateKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Key identifier of the authority that signed it, hex. */
  readonly authorityKeyId: string | undefined;
  /** Whether the node may attest again with what it has. */
  readonly canReattest: boolean;
}

/** A fresh P-256 key. */
export function createAgentKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

/** A request for the key, PKCS#10 DER: it names nothing, for the server decides. */
export function requestFor(privateKey: KeyObject): Uint8Array {
  return createRequest({ keys: { privateKey, publicKey: createPublicKey(privateKey) } });
}

/** Takes an SVID as the server sent it, or as it was stored. @throws {AgentError} BAD_ANSWER when chain, key and trust domain do not fit together */
export function agentSvidOf(
  chain: readonly Uint8Array[],
  privateKey: KeyObject,
  { trustDomain, canReattest }: { readonly trustDomain: string; readonly canReattest: boolean },
): AgentSvid {
  try {
    const svid = X509Svid.parse(Buffer.concat(chain), pkcs8(privateKey));
    if (svid.id.trustDomain.name !== trustDomain) throw new RangeError("the SVID is of another trust domain");
    const { id, notBefore, notAfter } = svid;
    const authorityKeyId = svid.chain[0]?.authorityKeyId;
    return { id: id.toString(), chain: [...chain], privateKey, notBefore, notAfter, authorityKeyId, canReattest };
  } catch (cause) {
    throw new AgentError("BAD_ANSWER", "what should be the agent's SVID is none", { cause });
  }
}

/** Whether the SVID can open a connection now. */
export function isUsable({ notAfter }: AgentSvid, now: Date): boolean {
  return now.getTime() + 1000 < notAfter.getTime();
}

/** PKCS#8, DER. */
export function pkcs8(key: KeyObject): Uint8Array {
  return key.export({ format: "der", type: "pkcs8" });
}

/** From PKCS#8, DER. */
export function fromPkcs8(der: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
}
