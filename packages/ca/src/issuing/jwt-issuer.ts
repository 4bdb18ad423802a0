// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes, verify } from "node:crypto";
import type { ActiveAuthority } from "../authorities/loaded-authorities.ts";
import { SignerError } from "../errors.ts";
import type { IssuedJwt, JwtRequest } from "../ports.ts";
import type { Intended } from "./intent-recorder.ts";

/** A token that is written but not signed. */
export interface UnsignedJwt extends Intended {
  readonly request: JwtRequest;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Writes, signs and checks the tokens of one authority (JWT-SVID §2 and §3; RFC 7515 compact form, ES256). */
export class JwtIssuer {
  readonly authority: ActiveAuthority;
  readonly #header: string;

  constructor(authority: ActiveAuthority) {
    this.authority = authority;
    this.#header = segment({ alg: "ES256", kid: authority.record.id, typ: "JWT" });
  }

  /** The request must have been checked. `issuedAt` and `expiresAt` are whole seconds. */
  write(request: JwtRequest, issuedAt: Date, expiresAt: Date): UnsignedJwt {
    const [iat, exp] = [issuedAt.getTime() / 1000, expiresAt.getTime() / 1000];
    const tbs = Buffer.from(`${this.#header}.${segment({ aud: request.audience, exp, iat, sub: request.spiffeId })}`);
    return {
      request,
      issuedAt,
      expiresAt,
      tbs,
      intent: {
        kind: "jwt",
        // A token has no number of its own; in the log it needs one.
        serialNumber: randomBytes(16).toString("hex"),
        spiffeId: request.spiffeId,
        notBefore: iat,
        notAfter: exp,
        tbsHash: createHash("sha256").update(tbs).digest(),
        requester: request.requester,
        entryId: request.entryId ?? "",
        entryRevision: 0,
      },
    };
  }

  /** Signs what was recorded and verifies it. @throws {SignerError} SIGNER_SELF_CHECK_FAILED */
  async sign({ request, tbs, issuedAt, expiresAt }: UnsignedJwt): Promise<IssuedJwt> {
    const signature = await this.authority.key.sign(tbs, "p1363");
    const key = { key: this.authority.key.publicKeyObject, dsaEncoding: "ieee-p1363" } as const;
    if (signature.length !== 64 || !verify("sha256", tbs, key, signature)) {
      throw new SignerError("SIGNER_SELF_CHECK_FAILED", "the token's signature is not the authority's");
    }
    return {
      token: `${Buffer.from(tbs).toString("latin1")}.${Buffer.from(signature).toString("base64url")}`,
      spiffeId: request.spiffeId,
      issuedAt,
      expiresAt,
      keyId: this.authority.record.id,
    };
  }
}

function segment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
