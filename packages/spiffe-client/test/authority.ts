// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { WorkloadX509Svid } from "@mayfly/rpc";
import { TrustDomain, X509Bundle } from "@mayfly/spiffe";
import { Certificate, createCaCertificate, LeafWriter, randomSerialNumber } from "@mayfly/x509";

const minute = 60_000;

/** What a leaf may differ in. */
export interface LeafOptions {
  readonly uri?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly hint?: string;
}

/** A trust domain that issues SVIDs as the Workload API sends them. */
export class Authority {
  readonly trustDomain: TrustDomain;
  readonly root: Certificate;
  readonly #privateKey: KeyObject;
  readonly #writer: LeafWriter;

  private constructor(trustDomain: TrustDomain, root: Certificate, privateKey: KeyObject) {
    this.trustDomain = trustDomain;
    this.root = root;
    this.#privateKey = privateKey;
    this.#writer = new LeafWriter({ certificate: root, signatureAlgorithm: "ecdsa-with-SHA256" });
  }

  static async create(name: string): Promise<Authority> {
    const trustDomain = TrustDomain.parse(name);
    const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const der = await createCaCertificate({
      keys,
      trustDomainUri: trustDomain.idString,
      serialNumber: randomSerialNumber(),
      notBefore: new Date(Date.now() - minute),
      notAfter: new Date(Date.now() + 60 * minute),
    });
    return new Authority(trustDomain, Certificate.parse(der), keys.privateKey);
  }

  get bundle(): X509Bundle {
    return new X509Bundle(this.trustDomain, [this.root]);
  }

  /** An SVID with a fresh key. */
  issue(path: string, options: LeafOptions = {}): WorkloadX509Svid {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const uri = options.uri ?? `${this.trustDomain.idString}${path}`;
    const tbs = this.#writer.tbs({
      serialNumber: randomSerialNumber(),
      spki: publicKey.export({ format: "der", type: "spki" }),
      uri,
      dnsNames: [],
      notBefore: options.notBefore ?? new Date(Date.now() - minute),
      notAfter: options.notAfter ?? new Date(Date.now() + 10 * minute),
    });
    return {
      spiffe_id: uri,
      x509_svid: Buffer.from(this.#writer.certificate(tbs, sign("sha256", tbs, this.#privateKey))),
      x509_svid_key: privateKey.export({ format: "der", type: "pkcs8" }),
      bundle: Buffer.from(this.bundle.toDer()),
      hint: options.hint ?? "",
    };
  }
}
