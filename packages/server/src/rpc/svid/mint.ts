// SPDX-License-Identifier: Apache-2.0
import type { Signer, X509Request } from "@mayfly/ca";
import type {
  JwtSvidMessage,
  MintJWTSVIDRequest,
  MintX509SVIDRequest,
  SvidMethods,
  X509SvidMessage,
} from "@mayfly/rpc";
import type { CertificateRequest } from "@mayfly/x509";
import { callerName } from "../../authorization/caller.ts";
import type { AcceptableKeys } from "../../issuing/acceptable-key.ts";
import { parseCsr, provesKey } from "../../issuing/csr.ts";
import type { Call, GuardedHandlers } from "../call.ts";
import { checkDnsName, checkNoOverlap } from "../wire/dns-name.ts";
import { invalidArgument, orInvalidArgument } from "../wire/refusal.ts";
import { type IdRules, parseIdFields, parseIdText } from "../wire/spiffe-id.ts";
import { checkAudience } from "./audience.ts";
import { toJwtSvidMessage, toX509SvidMessage } from "./svid-message.ts";

/** What minting needs. */
export interface MintDeps {
  readonly signer: Signer;
  readonly rules: IdRules;
  readonly keys: AcceptableKeys;
}

const emptyName = Buffer.from([0x30, 0x00]);

function uriOf(csr: CertificateRequest, rules: IdRules): string {
  const [uri, second] = csr.uris;
  if (uri === undefined) throw invalidArgument("CSR URI SAN is required");
  if (second !== undefined) throw invalidArgument("only one URI SAN is expected");
  return orInvalidArgument("CSR URI SAN is invalid", () => rules.workload(parseIdText(uri)).text);
}

function dnsNamesOf(csr: CertificateRequest): readonly string[] {
  const names = orInvalidArgument("CSR DNS name is invalid", () => csr.dnsNames.map(checkDnsName));
  orInvalidArgument("CSR DNS name contains a wildcard that covers another non-wildcard name", () => {
    checkNoOverlap(names);
  });
  return names;
}

/** The subject of the request counts only without DNS names: with them the first is the common name. */
function subjectOf({ subjectDer, dnsNames }: CertificateRequest): Uint8Array | undefined {
  return dnsNames.length > 0 || emptyName.equals(subjectDer) ? undefined : subjectDer;
}

async function mintX509(
  { signer, rules, keys }: MintDeps,
  { csr: der, ttl }: MintX509SVIDRequest,
  { caller }: Call,
): Promise<{ svid: X509SvidMessage }> {
  if (der.length === 0) throw invalidArgument("missing CSR");
  const requester = callerName(caller);
  const csr = orInvalidArgument("malformed CSR", () => parseCsr(der, keys, requester));
  if (!provesKey(csr)) throw invalidArgument("failed to verify CSR signature: it does not belong to the key");
  const request: X509Request = {
    spki: csr.spki,
    spiffeId: uriOf(csr, rules),
    dnsNames: dnsNamesOf(csr),
    ttlSeconds: Math.max(0, ttl),
    purpose: "mint",
    requester,
    subjectDer: subjectOf(csr),
  };
  const [issued] = await signer.issueX509([request]);
  if (issued === undefined) throw new TypeError("the signer answers every request");
  return { svid: toX509SvidMessage(issued) };
}

async function mintJwt(
  { signer, rules }: MintDeps,
  { id, audience, ttl }: MintJWTSVIDRequest,
  { caller }: Call,
): Promise<{ svid: JwtSvidMessage }> {
  const spiffeId = orInvalidArgument("invalid SPIFFE ID", () => rules.workload(parseIdFields(id)).text);
  const issued = await signer.issueJwt({
    spiffeId,
    audience: checkAudience(audience),
    ttlSeconds: Math.max(0, ttl),
    requester: callerName(caller),
  });
  return { svid: toJwtSvidMessage(issued) };
}

/** SVIDs that an operator asks for by ID. */
export function mintHandlers(deps: MintDeps): Pick<GuardedHandlers<SvidMethods>, "MintX509SVID" | "MintJWTSVID"> {
  return {
    MintX509SVID: (request, call) => mintX509(deps, request, call),
    MintJWTSVID: (request, call) => mintJwt(deps, request, call),
  };
}
