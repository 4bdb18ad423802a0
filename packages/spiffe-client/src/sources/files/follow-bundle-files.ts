// SPDX-License-Identifier: Apache-2.0
import { BundleSet, TrustDomain } from "@mayfly/spiffe";
import type { BundlePair, BundleSnapshot } from "../bundle-pair.ts";
import { shareBundles } from "../share-unchanged.ts";
import { type FileWatchOptions, followFiles } from "./follow-files.ts";
import { parseBundleFile } from "./parse-files.ts";

/** Files of bundles. */
export interface BundleFileOptions extends FileWatchOptions {
  /** By the name of the trust domain; each file PEM (X.509 only) or the document of a SPIFFE bundle (both kinds). */
  readonly bundles: Readonly<Record<string, string>>;
}

/** Follows the files. @throws {SourceError}; {SpiffeIdError} for a name that is none; the signal's reason */
export function followBundleFiles(pair: BundlePair, options: BundleFileOptions): Promise<AsyncDisposable> {
  const named = Object.entries(options.bundles).map(([name, path]) => [TrustDomain.parse(name), path] as const);
  return followFiles<BundleSnapshot>(pair, {
    ...options,
    paths: [...new Set(Object.values(options.bundles))],
    keep: (previous, next) => ({ ...next, x509: shareBundles(previous?.x509, next.x509) }),
    parse: (contents) => {
      const bundles = named.map(([trustDomain, path]) => parseBundleFile(contents, path, trustDomain));
      return {
        x509: BundleSet.of(...bundles.map(({ x509 }) => x509)),
        jwt: BundleSet.of(...bundles.flatMap(({ jwt }) => jwt ?? [])),
        crls: [],
      };
    },
  });
}
