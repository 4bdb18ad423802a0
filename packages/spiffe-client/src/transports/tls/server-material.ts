// SPDX-License-Identifier: Apache-2.0
import type { Server, TlsOptions, TLSSocket } from "node:tls";
import type { X509Svid } from "@mayfly/spiffe";
import { tlsMaterial } from "../../connections/material.ts";
import type { X509Source } from "../../sources/x509-source.ts";

/** Options of node:tls that a server takes from its source and policy, or that would let somebody in past them. */
export type OwnServerOption =
  | "ca"
  | "cert"
  | "clientCertEngine"
  | "crl"
  | "key"
  | "passphrase"
  | "pfx"
  | "privateKeyEngine"
  | "privateKeyIdentifier"
  | "pskCallback"
  | "pskIdentityHint"
  | "rejectUnauthorized"
  | "requestCert"
  | "secureContext"
  | "secureOptions"
  | "secureProtocol"
  | "sessionIdContext"
  | "sessionTimeout"
  | "SNICallback"
  | "ticketKeys";

/** `options` with the SVID of now: a client certificate is asked for and left to `authorizePeer`, OpenSSL's verdict is switched off. */
export function serverMaterial(source: X509Source, options: TlsOptions = {}): TlsOptions {
  const own: { readonly [name in OwnServerOption]?: undefined } = {
    ca: undefined,
    cert: undefined,
    clientCertEngine: undefined,
    crl: undefined,
    key: undefined,
    passphrase: undefined,
    pfx: undefined,
    privateKeyEngine: undefined,
    privateKeyIdentifier: undefined,
    pskCallback: undefined,
    pskIdentityHint: undefined,
    secureContext: undefined,
    secureProtocol: undefined,
    sessionIdContext: undefined,
    sessionTimeout: undefined,
    SNICallback: undefined,
    ticketKeys: undefined,
  };
  const given = Object.fromEntries(Object.entries({ ...options, ...own }).filter(([, value]) => value !== undefined));
  const material = tlsMaterial(source.svid, options.minVersion);
  return { handshakeTimeout: 10_000, ...given, ...material, requestCert: true, rejectUnauthorized: false };
}

/** Which SVID a connection was shown. */
export type ShownSvid = (socket: TLSSocket) => X509Svid | undefined;

const rememberedSvids = 4;

/**
 * Takes the newest SVID whenever a client connects. A withdrawn one stays in place: the client is refused after the handshake. Handshakes
 * take their time: what is given back says which SVID one was made with.
 */
export function showNewest(server: Server, source: X509Source, options: TlsOptions = {}): ShownSvid {
  const shown = [source.svid];
  server.prependListener("connection", () => {
    const svid = svidOf(source);
    if (svid === undefined || svid === shown[0]) return;
    server.setSecureContext(serverMaterial(source, options));
    shown.unshift(svid);
    shown.splice(rememberedSvids);
  });
  return (socket) => {
    if (shown.length === 1) return shown[0];
    const raw = socket.getX509Certificate()?.raw;
    return shown.find(({ chain: [leaf] }) => leaf !== undefined && raw?.equals(leaf.der) === true);
  };
}

function svidOf(source: X509Source): X509Svid | undefined {
  try {
    return source.svid;
  } catch {
    // Withdrawn, expired or closed: `admit` asks again and refuses.
    return undefined;
  }
}
