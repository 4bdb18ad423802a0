// SPDX-License-Identifier: Apache-2.0
import type { X509Svid } from "@mayfly/spiffe";

/** The certificates of an SVID as PEM, leaf first. */
export function pemOf({ chain }: X509Svid): string {
  return chain.map(({ der }) => encode(der)).join("");
}

function encode(der: Uint8Array): string {
  const base64 = Buffer.from(der)
    .toString("base64")
    .replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}
