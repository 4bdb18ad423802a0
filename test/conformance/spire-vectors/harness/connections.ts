// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";
import { grpc } from "./grpc.ts";
import { methodDescriptor } from "./descriptors.ts";
import type { References } from "./references.ts";
import type { CallerCertificate, Scenario } from "./scenario.ts";
import type { Target } from "./target.ts";

const channelOptions = {
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_retries": 0,
  // An IP address can't be a server name; which name is sent does not matter.
  "grpc.ssl_target_name_override": "server.test",
};

function pem(label: string, der: Buffer): string {
  return `-----BEGIN ${label}-----\n${der.toString("base64").replaceAll(/.{1,64}/g, "$&\n")}-----END ${label}-----\n`;
}

/** One connection per caller, opened at its first call and kept. */
export class Connections implements Disposable {
  readonly #scenario: Scenario;
  readonly #target: Target;
  readonly #references: References;
  readonly #clients = new Map<string, grpc.Client>();

  constructor(scenario: Scenario, target: Target, references: References) {
    this.#scenario = scenario;
    this.#target = target;
    this.#references = references;
  }

  async client(caller: string): Promise<grpc.Client> {
    const known = this.#clients.get(caller);
    if (known !== undefined) return known;
    const client = await this.#open(caller);
    this.#clients.set(caller, client);
    return client;
  }

  async #open(caller: string): Promise<grpc.Client> {
    const certificate = this.#scenario.callers?.[caller];
    if (certificate === undefined && caller !== "anonymous") {
      return new grpc.Client(this.#target.address(caller), grpc.credentials.createInsecure(), channelOptions);
    }
    const roots = await this.#roots();
    const own = certificate === undefined ? undefined : this.#certificate(certificate);
    const credentials = grpc.credentials.createSsl(roots, own?.key ?? null, own?.chain ?? null, {
      checkServerIdentity: (_host, peer) => {
        const names = new X509Certificate(peer.raw).subjectAltName;
        const wanted = `URI:spiffe://${this.#scenario.server.trust_domain}/spire/server`;
        return names === wanted ? undefined : new Error(`server is ${String(names)}`);
      },
    });
    return new grpc.Client(this.#target.address("anonymous"), credentials, channelOptions);
  }

  #certificate({ chain, key }: CallerCertificate): { chain: Buffer; key: Buffer } {
    const resolved = this.#references.resolve(chain) as readonly string[];
    const certificates = resolved.map((each) => pem("CERTIFICATE", Buffer.from(each, "base64")));
    const keyDer = Buffer.from(this.#references.resolve(key) as string, "base64");
    return { chain: Buffer.from(certificates.join("")), key: Buffer.from(pem("PRIVATE KEY", keyDer)) };
  }

  async #roots(): Promise<Buffer> {
    const method = methodDescriptor("/spire.api.server.bundle.v1.Bundle/GetBundle");
    if (method === undefined) throw new Error("no GetBundle in the protos");
    const local = await this.client("local");
    const bundle = await new Promise<object>((resolve, reject) => {
      local.makeUnaryRequest(method.path, method.serialize, method.deserialize, {}, (error, answer) => {
        if (error !== null || answer === undefined) reject(error ?? new Error("no bundle"));
        else resolve(answer);
      });
    });
    const authorities = (bundle as { x509_authorities?: { asn1: Buffer }[] }).x509_authorities ?? [];
    return Buffer.from(authorities.map(({ asn1 }) => pem("CERTIFICATE", asn1)).join(""));
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client.close();
  }
}
