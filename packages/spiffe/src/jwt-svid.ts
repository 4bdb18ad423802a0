// SPDX-License-Identifier: Apache-2.0
import type { JsonObject } from "./json.ts";
import type { TokenTimes } from "./jwt-claims.ts";
import type { SpiffeId } from "./spiffe-id.ts";

/** What the token says, taken apart. */
interface JwtSvidFields extends TokenTimes {
  readonly id: SpiffeId;
  readonly claims: JsonObject;
  readonly keyId: string;
  readonly algorithm: string;
  readonly token: string;
}

class TokenFacts {
  readonly id: SpiffeId;
  /** At least one. */
  readonly audience: readonly string[];
  readonly expiresAt: Date;
  readonly notBefore: Date | undefined;
  readonly issuedAt: Date | undefined;
  /** All claims as the token has them, the registered ones too. */
  readonly claims: JsonObject;
  /** "" when the token names no key. */
  readonly keyId: string;
  readonly algorithm: string;
  readonly #token: string;

  constructor(fields: JwtSvidFields) {
    this.id = fields.id;
    this.audience = fields.audience;
    this.expiresAt = fields.expiresAt;
    this.notBefore = fields.notBefore;
    this.issuedAt = fields.issuedAt;
    this.claims = fields.claims;
    this.keyId = fields.keyId;
    this.algorithm = fields.algorithm;
    this.#token = fields.token;
  }

  /** The compact form: a bearer secret. Not a member of its own, so that printing or serialising the object does not show it. */
  get token(): string {
    return this.#token;
  }
}

/** A well-formed JWT-SVID whose signature, audience and times nobody looked at: for the workload whose own it is. */
export class UnverifiedJwtSvid extends TokenFacts {
  readonly verified = false;
}

/** A JWT-SVID that `verifyJwtSvid` accepted. */
export class JwtSvid extends TokenFacts {
  readonly verified = true;
}
