// SPDX-License-Identifier: Apache-2.0
import type { IssuedJwt, IssuedX509 } from "@mayfly/ca";
import type { JwtSvidMessage, X509SvidMessage } from "@mayfly/rpc";
import { unixSeconds } from "../../clock.ts";
import { toIdFields } from "../wire/spiffe-id.ts";

/** An X.509-SVID as the wire has it; the hint stays empty, as agents take it from the entry. */
export function toX509SvidMessage(issued: IssuedX509): X509SvidMessage {
  return {
    cert_chain: issued.chain.map((der) => Buffer.from(der)),
    id: toIdFields(issued.spiffeId),
    expires_at: String(unixSeconds(issued.notAfter)),
    hint: "",
  };
}

export function toJwtSvidMessage(issued: IssuedJwt): JwtSvidMessage {
  return {
    token: issued.token,
    id: toIdFields(issued.spiffeId),
    expires_at: String(unixSeconds(issued.expiresAt)),
    issued_at: String(unixSeconds(issued.issuedAt)),
    hint: "",
  };
}
