// SPDX-License-Identifier: Apache-2.0
import type { X509Context } from "@mayfly/spiffe-client";

/** The files that `spire-agent api fetch x509 -write` writes: svid.N.pem, svid.N.key, bundle.N.pem, federated_bundle.N.M.pem. */
export function svidFiles(context: X509Context): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [index, svid] of context.svids.entries()) {
    const own = context.bundles.get(svid.id.trustDomain);
    files[`svid.${index}.key`] = svid.privateKey.export({ format: "pem", type: "pkcs8" });
    files[`svid.${index}.pem`] = svid.toPem();
    files[`bundle.${index}.pem`] = own?.toPem() ?? "";
    const foreign = [...context.bundles].filter((bundle) => !bundle.trustDomain.equals(svid.id.trustDomain));
    for (const [number, bundle] of foreign.entries()) files[`federated_bundle.${index}.${number}.pem`] = bundle.toPem();
  }
  return files;
}
