// SPDX-License-Identifier: Apache-2.0
import type { X509Svid } from "@mayfly/spiffe";
import type { X509Context } from "@mayfly/spiffe-client";
import { timestamp } from "../../output.ts";

/** The files that `spire-agent api fetch x509 -write` writes: svid.N.pem, svid.N.key, bundle.N.pem, federated_bundle.N.M.pem. */
export function svidFiles(context: X509Context): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [index, svid] of context.svids.entries()) {
    const own = context.bundles.get(svid.id.trustDomain);
    files[`svid.${index}.pem`] = svid.toPem();
    files[`svid.${index}.key`] = String(svid.privateKey.export({ format: "pem", type: "pkcs8" }));
    files[`bundle.${index}.pem`] = own?.toPem() ?? "";
    const foreign = [...context.bundles].filter((bundle) => !bundle.trustDomain.equals(svid.id.trustDomain));
    for (const [number, bundle] of foreign.entries()) files[`federated_bundle.${index}.${number}.pem`] = bundle.toPem();
  }
  return files;
}

/** Stable JSON form of an X.509-SVID, without its key. */
export function svidJson(svid: X509Svid): Record<string, unknown> {
  const [leaf] = svid.chain;
  return {
    spiffe_id: svid.id.toString(),
    serial_number: leaf?.serialNumber.toString() ?? "",
    hint: svid.hint,
    not_before: timestamp(svid.notBefore.getTime() / 1000),
    not_after: timestamp(svid.notAfter.getTime() / 1000),
  };
}
