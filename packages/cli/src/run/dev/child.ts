// SPDX-License-Identifier: Apache-2.0
// A demonstration program of `mayfly dev`: a process of its own that knows nothing but the Workload API's address. It serves over mTLS
// and asks others over mTLS, always with the SVID that it has at that moment. Arguments: its name, the address.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { SpiffeId, type X509Svid } from "@mayfly/spiffe";
import { connectTls, createTlsServer, X509Source } from "@mayfly/spiffe-client";
import type { Order, Report } from "./messages.ts";

const [, , name = "", address = ""] = process.argv;

function tell(report: Report): void {
  if (process.connected) process.send?.(report);
}

function fail(error: unknown): void {
  const code = error instanceof Error && "code" in error ? String(error.code) : "INTERNAL";
  tell({ report: "failed", code, message: error instanceof Error ? error.message : String(error) });
}

function serialOf(svid: X509Svid): string {
  return svid.chain[0]?.serialNumber.toString(16) ?? "";
}

function tellSvid(svid: X509Svid): void {
  const [leaf] = svid.chain;
  const curve = leaf?.publicKey.asymmetricKeyDetails?.namedCurve;
  tell({
    report: "svid",
    spiffe_id: svid.id.toString(),
    serial_number: serialOf(svid),
    not_before: svid.notBefore.toISOString(),
    not_after: svid.notAfter.toISOString(),
    key: curve === "prime256v1" ? "ECDSA P-256" : (curve ?? leaf?.publicKey.asymmetricKeyType ?? "?"),
    authority: leaf?.authorityKeyId ?? "?",
  });
}
