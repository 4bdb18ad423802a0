// SPDX-License-Identifier: Apache-2.0
import { BundleSet, TrustDomain, type X509Bundle } from "@mayfly/spiffe";
import { SourceError } from "../../errors.ts";
import type { X509Context } from "../../workload-api/x509-context.ts";
import type { LiveValue } from "../live-value.ts";
import { type FileWatchOptions, followFiles } from "./follow-files.ts";
import { parseBundleFile, parseRevocationFile, parseSvidFiles } from "./parse-files.ts";
import type { FileContents } from "./read-files.ts";

/** Files as `mayfly workload fetch x509 --write`, `spire-agent api fetch x509 -write` and spiffe-helper leave them. */
export interface X509FileOptions extends FileWatchOptions {
  /** PEM: leaf first, then intermediates. */
  readonly certificate: string;
  /** PEM, PKCS#8, SEC 1 or PKCS#1, not encrypted. May be the same file. */
  readonly privateKey: string;
  /** The own trust domain's: PEM, or the document of a SPIFFE bundle. */
  readonly bundle: string;
  /** Others', by the name of the trust domain. */
  readonly federated?: Readonly<Record<string, string>> | undefined;
  /** PEM or DER. */
  readonly revocationLists?: readonly string[] | undefined;
}

type Foreign = readonly (readonly [trustDomain: TrustDomain, path: string])[];

/** Follows the files. @throws {SourceError}; {SpiffeIdError} for a name that is none; the signal's reason */
export function openX509Files(
  live: LiveValue<X509Context>,
  options: X509FileOptions,
  keep: (previous: X509Context | undefined, next: X509Context) => X509Context,
): Promise<AsyncDisposable> {
  const { certificate, privateKey, bundle, federated = {}, revocationLists = [] } = options;
  const foreign = Object.entries(federated).map(([name, path]) => [TrustDomain.parse(name), path] as const);
  const paths = [certificate, privateKey, bundle, ...Object.values(federated), ...revocationLists];
  return followFiles(live, {
    ...options,
    paths: [...new Set(paths)],
    keep,
    parse: (contents) => parseContext(contents, options, foreign),
  });
}

function parseContext(contents: FileContents, options: X509FileOptions, foreign: Foreign): X509Context {
  const svid = parseSvidFiles(contents, options.certificate, options.privateKey);
  const bundles: X509Bundle[] = [parseBundleFile(contents, options.bundle, svid.id.trustDomain).x509];
  for (const [trustDomain, path] of foreign) {
    if (trustDomain.equals(svid.id.trustDomain))
      throw new SourceError("FILE_INVALID", `${JSON.stringify(trustDomain.name)} is no foreign trust domain`);
    bundles.push(parseBundleFile(contents, path, trustDomain).x509);
  }
  const crls = (options.revocationLists ?? []).flatMap((path) => parseRevocationFile(contents, path));
  return { svids: [svid], bundles: BundleSet.of(...bundles), crls };
}
