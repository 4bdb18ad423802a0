// SPDX-License-Identifier: Apache-2.0
import type { TrustDomain } from "@mayfly/spiffe";
import { assertAcceptableKey, X509Error } from "@mayfly/x509";
import { SignerError } from "../errors.ts";
import type { DownstreamCaRequest, JwtRequest, X509Request } from "../ports.ts";
import { checkDnsNames, checkId, checkOrigin } from "./subject-rules.ts";

/** Published limits. */
const maxSubjectBytes = 2048;
const maxAudiences = 32;
const maxAudienceBytes = 1024;

/** What a request is judged by. */
export interface RequestRules {
  readonly trustDomain: TrustDomain;
  /** Whether this public key (PKIX, DER) is an authority's. */
  isAuthorityKey(spki: Uint8Array): boolean;
}

/** The signing service does not rely on what its callers checked. @throws {SignerError} */
export function checkX509Request(request: X509Request, rules: RequestRules): void {
  const { spki, spiffeId, dnsNames, purpose, subjectDer } = request;
  checkOrigin(request);
  checkId(spiffeId, purpose, rules.trustDomain);
  checkDnsNames(dnsNames);
  if (
    subjectDer !== undefined &&
    (purpose !== "mint" || subjectDer[0] !== 0x30 || subjectDer.length > maxSubjectBytes)
  ) {
    throw new SignerError(
      "SUBJECT_REFUSED",
      "only what an operator mints has a subject of its own, a DER name of at most 2 KiB",
    );
  }
  checkKey(spki, rules);
}

/** @throws {SignerError} */
export function checkDownstreamCaRequest(request: DownstreamCaRequest, rules: RequestRules): void {
  checkOrigin(request);
  checkId(request.requester, "workload", rules.trustDomain);
  if (request.entryId === "") {
    throw new SignerError("REQUESTER_REFUSED", "an entry makes a workload a downstream server");
  }
  checkKey(request.spki, rules);
}

function checkKey(spki: Uint8Array, rules: RequestRules): void {
  try {
    assertAcceptableKey(spki);
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    throw new SignerError("KEY_REFUSED", cause.message, { cause });
  }
  if (rules.isAuthorityKey(spki)) throw new SignerError("KEY_OF_AUTHORITY", "the key belongs to an authority");
}

/** @throws {SignerError} */
export function checkJwtRequest(request: JwtRequest, rules: RequestRules): void {
  checkOrigin(request);
  checkId(request.spiffeId, "workload", rules.trustDomain);
  const { audience } = request;
  // JWT-SVID §3.2: at least one audience.
  if (audience.length === 0 || audience.length > maxAudiences) {
    throw new SignerError("AUDIENCE_REFUSED", `a token has 1 to ${maxAudiences} audiences`);
  }
  if (audience.some((each) => each === "" || Buffer.byteLength(each) > maxAudienceBytes)) {
    throw new SignerError("AUDIENCE_REFUSED", `an audience has 1 to ${maxAudienceBytes} bytes`);
  }
}
