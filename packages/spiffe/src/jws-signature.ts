// SPDX-License-Identifier: Apache-2.0
import type { CompactJws } from "./compact-jws.ts";
import { isJwsSignatureValid } from "./jws-algorithm.ts";
import type { JwtAuthorityKey } from "./jwt-authority.ts";

/** Whether the token's signature was made with this authority's key, by the algorithm that the token names and the key is for. */
export function isSignedWith(jws: CompactJws, { publicKey, algorithm }: JwtAuthorityKey): boolean {
  if (algorithm !== undefined && algorithm !== jws.algorithm) return false;
  return isJwsSignatureValid(jws.algorithm, publicKey, { data: jws.signingInput, signature: jws.signature });
}
