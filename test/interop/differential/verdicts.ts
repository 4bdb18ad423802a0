// SPDX-License-Identifier: Apache-2.0
import {
  BundleError,
  BundleSet,
  JwtBundle,
  SpiffeError,
  TrustDomain,
  verifyJwtSvid,
  verifyPeer,
  X509Bundle,
} from "@mayfly/spiffe";
import { X509Error } from "@mayfly/x509";
import type { ChainCase } from "./chain-mutations.ts";
import type { TokenCase } from "./token-mutations.ts";

/** What one validator says: the SPIFFE ID, or why not. */
export type Verdict =
  | { readonly ok: true; readonly id: string }
  /** `code` is ours with the reason below it, or go-spiffe's text. */
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Our verdict. Errors that are not coded go through: they are bugs. */
export function ourVerdict(given: ChainCase | TokenCase): Verdict {
  try {
    const id = given.kind === "x509" ? judgeChain(given) : judgeToken(given);
    return { ok: true, id };
  } catch (error) {
    if (!(error instanceof SpiffeError)) throw error;
    const below = error.cause instanceof X509Error && error.cause.code !== error.code ? `/${error.cause.code}` : "";
    const prefix = error instanceof BundleError ? "BUNDLE_" : "";
    return { ok: false, code: `${prefix}${error.code}${below}`, message: error.message };
  }
}

function judgeChain({ chain, bundles, now }: ChainCase): string {
  const set = BundleSet.of(
    ...Object.entries(bundles).map(([name, ders]) => X509Bundle.fromDer(TrustDomain.parse(name), Buffer.concat(ders))),
  );
  return verifyPeer(chain, set, { now: new Date(now) }).id.toString();
}

function judgeToken({ token, audience, bundles }: TokenCase): string {
  const set = BundleSet.of(
    ...Object.entries(bundles).map(([name, jwks]) => JwtBundle.fromJwks(TrustDomain.parse(name), JSON.stringify(jwks))),
  );
  return verifyJwtSvid(token, set, { audience, now: new Date() }).id.toString();
}
