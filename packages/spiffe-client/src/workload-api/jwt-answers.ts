// SPDX-License-Identifier: Apache-2.0
import { fromStruct, type JWTBundlesResponse, type JWTSVIDResponse, type ValidateJWTSVIDResponse } from "@mayfly/rpc";
import { BundleSet, JwtBundle, parseJwtSvid, SpiffeId, type UnverifiedJwtSvid } from "@mayfly/spiffe";
import { assertCount, bad, type OnIgnored, readEach, reading } from "./read-answer.ts";

const maxSvids = 256;
const maxBundles = 1024;

/** A JWT-SVID of this workload, as the Workload API gave it. The token is not shown by printing or serialising the object. */
export class FetchedJwtSvid {
  readonly id: SpiffeId;
  /** What the operator calls it where a workload has several; "" for none. */
  readonly hint: string;
  readonly audience: readonly string[];
  readonly expiresAt: Date;
  readonly #svid: UnverifiedJwtSvid;

  constructor(svid: UnverifiedJwtSvid, hint: string) {
    this.id = svid.id;
    this.hint = hint;
    this.audience = svid.audience;
    this.expiresAt = svid.expiresAt;
    this.#svid = svid;
  }

  /** The compact form: a bearer secret. */
  get token(): string {
    return this.#svid.token;
  }

  /** All claims, the registered ones too. */
  get claims(): UnverifiedJwtSvid["claims"] {
    return this.#svid.claims;
  }
}

/** What the endpoint found in a token that it takes for valid. */
export interface ValidatedJwtSvid {
  readonly id: SpiffeId;
  /** All claims as the token has them, the registered ones too. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Reads an answer of FetchJWTSVID for these audiences. @throws {WorkloadApiError} BAD_RESPONSE */
export function readJwtSvids(response: JWTSVIDResponse, audience: readonly string[]): FetchedJwtSvid[] {
  assertCount("JWT-SVID", response.svids.length, maxSvids);
  return reading(() =>
    response.svids.map(({ spiffe_id, svid, hint }) => {
      const parsed = parseJwtSvid(svid);
      if (parsed.id.toString() !== spiffe_id)
        throw bad(`the token of ${JSON.stringify(spiffe_id)} names another identity`);
      if (!audience.every((each) => parsed.audience.includes(each)))
        throw bad("a token is not for the audience asked for");
      return new FetchedJwtSvid(parsed, hint);
    }),
  );
}

/**
 * Reads an answer of FetchJWTBundles; bundles that can't be read are left out.
 * @throws {WorkloadApiError} BAD_RESPONSE, also when none can be read
 */
export function readJwtBundles(response: JWTBundlesResponse, onIgnored?: OnIgnored): BundleSet<JwtBundle> {
  assertCount("bundle", Object.keys(response.bundles).length, maxBundles);
  const bundles = readEach(response.bundles, (trustDomain, jwks) => JwtBundle.fromJwks(trustDomain, jwks), onIgnored);
  assertCount("bundle that can be read", bundles.length, maxBundles);
  return BundleSet.of(...bundles);
}

/** Reads an answer of ValidateJWTSVID. @throws {WorkloadApiError} BAD_RESPONSE */
export function readValidation(response: ValidateJWTSVIDResponse): ValidatedJwtSvid {
  const { spiffe_id, claims } = response;
  if (claims === null) throw bad("the answer has no claims");
  return reading(() => ({ id: SpiffeId.parse(spiffe_id), claims: fromStruct(claims) }));
}
