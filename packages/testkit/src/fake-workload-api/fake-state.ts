// SPDX-License-Identifier: Apache-2.0
import { TrustDomain } from "@mayfly/spiffe";
import { Certificate } from "@mayfly/x509";
import type { TestCa, TestIdentity } from "../test-ca/test-ca.ts";

/** An identity that the fake gives out, with the bundle of its CA. */
export interface FakeX509Svid {
  readonly ca: TestCa;
  /** Default: a fresh good one for `path`. */
  readonly identity?: TestIdentity | undefined;
  /** Default `/workload`. */
  readonly path?: string | undefined;
  /** The authorities of its trust domain; default: `ca`. Empty = an empty bundle. */
  readonly bundle?: readonly TestCa[] | undefined;
  /** Default "". */
  readonly hint?: string | undefined;
}

/** Everything X.509 that the fake gives out from now on. */
export interface FakeX509State {
  readonly svids: readonly FakeX509Svid[];
  /** Their certificates are the bundles of their trust domains. */
  readonly federated?: readonly TestCa[] | undefined;
  /** DER. */
  readonly crls?: readonly Uint8Array[] | undefined;
}

/** Bundles that the fake gives out from now on: a CA's certificate for its trust domain, or what is to be sent for a name. */
export type FakeBundles = readonly TestCa[] | Readonly<Record<string, Uint8Array | string>>;

/** The answer of FetchX509SVID. */
export function x509Message({ svids, federated = [], crls = [] }: FakeX509State): object {
  return { svids: svids.map(svidMessage), crl: crls.map(bytes), federated_bundles: bundleMap(federated) };
}

/** The answer of FetchX509Bundles. */
export function x509BundlesMessage(bundles: FakeBundles, crls: readonly Uint8Array[]): object {
  return { bundles: bundleMap(bundles), crl: crls.map(bytes) };
}

/** The map of the answers with bundles, keys `spiffe://<trust domain>`. */
export function bundleMap(bundles: FakeBundles): Record<string, Buffer> {
  const entries: readonly (readonly [string, Uint8Array | string])[] = isCaList(bundles)
    ? bundles.map((ca) => [ca.trustDomain, ca.certificate])
    : Object.entries(bundles);
  return Object.fromEntries(entries.map(([name, value]) => [TrustDomain.parse(name).idString, bytes(value)]));
}

function isCaList(bundles: FakeBundles): bundles is readonly TestCa[] {
  return Array.isArray(bundles);
}

function svidMessage(svid: FakeX509Svid): object {
  const { ca, path = "/workload", identity = ca.issue(path), bundle = [ca], hint = "" } = svid;
  const [leaf = new Uint8Array()] = identity.chain;
  return {
    spiffe_id: Certificate.parse(leaf).uris[0] ?? "",
    x509_svid: Buffer.concat(identity.chain),
    x509_svid_key: identity.privateKey.export({ format: "der", type: "pkcs8" }),
    bundle: Buffer.concat(bundle.map(({ certificate }) => certificate)),
    hint,
  };
}

function bytes(value: Uint8Array | string): Buffer {
  return typeof value === "string" ? Buffer.from(value) : Buffer.from(value);
}
