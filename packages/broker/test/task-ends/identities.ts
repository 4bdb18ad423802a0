// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import { bundleService, type RpcChannel, svidService } from "@mayfly/rpc";
import { BundleSet, TrustDomain, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { X509Source } from "@mayfly/spiffe-client";
import { Certificate, createRequest } from "@mayfly/x509";

const ttl = 3_000;

/** Sources with SVIDs that an operator mints, for as many identities as a bench has. */
export class MintedIdentities {
  readonly #admin: RpcChannel;
  readonly #bundles: BundleSet<X509Bundle>;

  private constructor(admin: RpcChannel, bundles: BundleSet<X509Bundle>) {
    this.#admin = admin;
    this.#bundles = bundles;
  }

  static async of(admin: RpcChannel): Promise<MintedIdentities> {
    const { x509_authorities: authorities } = await admin.unary(bundleService.methods.GetBundle, {});
    const certificates = authorities.map(({ asn1 }) => Certificate.parse(asn1));
    return new MintedIdentities(admin, BundleSet.of(new X509Bundle(TrustDomain.parse("example.org"), certificates)));
  }

  async source(path: string): Promise<X509Source> {
    const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const csr = createRequest({ keys, uris: [`spiffe://example.org${path}`] });
    const { svid } = await this.#admin.unary(svidService.methods.MintX509SVID, { csr, ttl });
    if (svid === null) throw new Error("no SVID");
    const chain = svid.cert_chain.map((der) => Certificate.parse(der));
    return X509Source.of({ svids: [X509Svid.of(chain, keys.privateKey)], bundles: this.#bundles, crls: [] });
  }
}
