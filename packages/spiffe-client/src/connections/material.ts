// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions, type SecureVersion } from "node:tls";
import type { X509Svid } from "@mayfly/spiffe";

/**
 * Certificate and key of an SVID as node:tls takes them, with what holds for every connection: TLS 1.2 or later (1.3 when asked for),
 * nothing resumed, no new handshake within a connection, which could put another certificate under a verdict.
 */
export function tlsMaterial(svid: X509Svid, minVersion?: SecureVersion): SecureContextOptions {
  return {
    cert: svid.toPem(),
    key: svid.privateKey.export({ format: "pem", type: "pkcs8" }),
    // Not the runtime's list of roots: no verdict of OpenSSL is used.
    ca: [],
    minVersion: minVersion === "TLSv1.3" ? minVersion : "TLSv1.2",
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
}

/** What a client may choose of the handshake; the rest is settled here. */
export type HandshakeChoice = Pick<
  SecureContextOptions,
  "ciphers" | "ecdhCurve" | "maxVersion" | "minVersion" | "sigalgs"
>;

const contexts = new WeakMap<X509Svid, Map<string, SecureContext>>();
const maxContexts = 16;

/** The same, ready for many handshakes. */
export function tlsContext(svid: X509Svid, choice: HandshakeChoice = {}): SecureContext {
  const { ciphers, ecdhCurve, maxVersion, minVersion, sigalgs } = choice;
  const bySvid = contexts.get(svid) ?? new Map<string, SecureContext>();
  contexts.set(svid, bySvid);
  const key = JSON.stringify([ciphers, ecdhCurve, maxVersion, minVersion, sigalgs]);
  let context = bySvid.get(key);
  if (context === undefined) {
    const chosen = Object.entries({ ciphers, ecdhCurve, maxVersion, sigalgs }).filter(
      ([, value]) => value !== undefined,
    );
    context = createSecureContext({ ...Object.fromEntries(chosen), ...tlsMaterial(svid, minVersion) });
    if (bySvid.size >= maxContexts) bySvid.clear();
    bySvid.set(key, context);
  }
  return context;
}
