// SPDX-License-Identifier: Apache-2.0
import type { X509Svid } from "@mayfly/spiffe";
import { printRecord, relative, span, timestamp } from "../../output.ts";

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

/** Serial number of the leaf in lower-case hex, two digits a byte. */
export function serialText(svid: X509Svid): string {
  const hex = svid.chain[0]?.serialNumber.toString(16) ?? "";
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

/** Stable JSON form of an X.509-SVID, without its key. */
export function svidJson(svid: X509Svid): Record<string, unknown> {
  return {
    spiffe_id: svid.id.toString(),
    serial_number: serialText(svid),
    hint: svid.hint,
    not_before: timestamp(seconds(svid.notBefore)),
    not_after: timestamp(seconds(svid.notAfter)),
  };
}

/** An X.509-SVID for people, without its key. */
export function printSvid(svid: X509Svid): void {
  const [leaf] = svid.chain;
  const key = leaf?.publicKey.asymmetricKeyDetails?.namedCurve ?? leaf?.publicKey.asymmetricKeyType ?? "";
  const life = span((svid.notAfter.getTime() - svid.notBefore.getTime()) / 1000);
  printRecord([
    ["SPIFFE ID", svid.id.toString()],
    ["Hint", svid.hint],
    ["Serial", serialText(svid)],
    ["Key", key === "prime256v1" ? "ECDSA P-256" : key],
    ["DNS names", leaf?.dnsNames.join("  ") ?? ""],
    ["Valid", `${timestamp(seconds(svid.notBefore))} to ${timestamp(seconds(svid.notAfter))} (${life})`],
    ["Ends", relative(seconds(svid.notAfter))],
    [
      "Chain",
      `${svid.chain.length} certificate${svid.chain.length === 1 ? "" : "s"}, authority ${leaf?.authorityKeyId ?? "?"}`,
    ],
  ]);
}
