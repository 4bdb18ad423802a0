// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import type { X509Svid } from "@mayfly/spiffe";

/**
 * Certificate and key of an SVID as node:tls takes them, with what holds for every connection: TLS 1.2 or later, nothing resumed, no new
 * handshake within a connection, which could put another certificate under a verdict.
 */
export function tlsMaterial(svid: X509Svid): SecureContextOptions {
  return {
    cert: svid.toPem(),
    key: svid.privateKey.export({ format: "pem", type: "pkcs8" }),
    // Not the runtime's list of roots: no verdict of OpenSSL is used.
    ca: [],
    minVersion: "TLSv1.2",
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
}

const contexts = new WeakMap<X509Svid, SecureContext>();

/** The same, ready for many handshakes. */
export function tlsContext(svid: X509Svid): SecureContext {
  let context = contexts.get(svid);
  if (context === undefined) {
    context = createSecureContext(tlsMaterial(svid));
    contexts.set(svid, context);
  }
  return context;
}
