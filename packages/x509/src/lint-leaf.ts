// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from "./certificate.ts";
import type { LeafFields } from "./leaf-writer.ts";

/** thin */
export function lintLeaf(certificate: Certificate, expected: LeafFields & { readonly issuer: Certificate }): string[] {
  return certificate.uris.length === 1 && certificate.uris[0] === expected.uri
    ? []
    : ["the URI name is not the one asked for"];
}
