// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from "./certificate.ts";
import { X509Error, type X509ErrorCode } from "./errors.ts";

/** Inputs of `verifyPath` beside the certificates. */
export interface PathOptions {
  readonly now: Date;
  /** A key purpose, dotted OID, that leaf and intermediates must allow where they name any. */
  readonly eku?: string | undefined;
}

/** thin */
export function verifyPath(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  roots: readonly Certificate[],
  options: PathOptions,
): Certificate[] {
  let failure: { code: X509ErrorCode; message: string } = {
    code: "UNTRUSTED",
    message: "no chain to a trusted certificate",
  };
  const inTime = (c: Certificate): boolean => {
    if (options.now < c.notBefore) failure = { code: "NOT_YET_VALID", message: "not yet valid" };
    else if (options.now.getTime() >= c.notAfter.getTime() + 1000) failure = { code: "EXPIRED", message: "expired" };
    else return true;
    return false;
  };
  const extend = (chain: Certificate[]): Certificate[] | undefined => {
    const last = chain[chain.length - 1] ?? leaf;
    if (!inTime(last) || chain.length > 8) return undefined;
    for (const [candidates, anchored] of [
      [roots, true],
      [intermediates, false],
    ] as const) {
      for (const c of candidates) {
        if (
          chain.includes(c) ||
          Buffer.compare(c.subjectDer, last.issuerDer) !== 0 ||
          !c.isCa ||
          c.keyUsage?.keyCertSign !== true
        )
          continue;
        if (!last.isSignedBy(c)) continue;
        if (anchored) {
          if (inTime(c)) return [...chain, c];
        } else {
          const found = extend([...chain, c]);
          if (found !== undefined) return found;
        }
      }
    }
    return undefined;
  };
  const chain = extend([leaf]);
  if (chain === undefined) throw new X509Error(failure.code, failure.message);
  return chain;
}
