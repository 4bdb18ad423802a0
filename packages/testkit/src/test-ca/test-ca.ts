// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  type CertificateFields,
  type Digest,
  nameOf,
  newKeys,
  spkiOf,
  type TestKeys,
  writeCertificate,
} from "./certificate.ts";
import {
  authorityKeyId,
  basicConstraints,
  extension,
  extKeyUsage,
  keyUsage,
  keyUsageBit,
  permittedUriHost,
  subjectAltName,
  subjectKeyId,
} from "./extensions.ts";
import { type TestRevocationListOptions, writeRevocationList } from "./revocation-list.ts";

/** What a peer shows and holds. */
export interface TestIdentity extends TestKeys {
  /** DER, leaf first, without the root. */
  readonly chain: readonly Uint8Array[];
}

/** How to make a TestCa. */
export interface TestCaOptions {
  /** Name; default `example.org`. */
  readonly trustDomain?: string | undefined;
  /** The instant around which everything is valid; default: now. */
  readonly now?: Date | undefined;
}

interface LeafOptions {
  readonly uris?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly usage?: Uint8Array | undefined;
  readonly basic?: Uint8Array;
  readonly purposes?: readonly string[];
  readonly extra?: readonly Uint8Array[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly keys?: TestKeys;
  readonly signer?: KeyObject;
  readonly digest?: Digest;
}

interface CaFields {
  readonly keys: TestKeys;
  readonly certificate: Uint8Array;
  readonly name: Uint8Array;
  /** Certificates above leaves, this CA's first, without the root. */
  readonly above: readonly Uint8Array[];
  readonly trustDomain: string;
  readonly now: Date;
}

interface IntermediateOptions {
  readonly basic?: Uint8Array;
  readonly usage?: Uint8Array;
  readonly extra?: readonly Uint8Array[];
  readonly notAfter?: Date;
}

const [serverAuth, clientAuth, codeSigning] = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.3"] as const;
const caUsage = keyUsage([keyUsageBit.keyCertSign, keyUsageBit.crlSign]);
const leafUsage = keyUsage([keyUsageBit.digitalSignature]);
const leafConstraints = basicConstraints(false);
const dayMs = 86_400_000;
let cas = 0;

/**
 * A certificate authority for tests, with real keys and signatures (EC P-256, node:crypto) but a writer of its own. `issue` makes what is
 * right; every other method makes one thing that is wrong in exactly the way that its name says, and right otherwise.
 */
export class TestCa {
  readonly #ca: CaFields;

  private constructor(ca: CaFields) {
    this.#ca = ca;
  }

  /** A self-signed root. */
  static create({ trustDomain = "example.org", now = new Date() }: TestCaOptions = {}): TestCa {
    const keys = newKeys();
    const name = nameOf(`Test CA ${++cas}`);
    const fields = caFields({ keys, name, issuer: name, issuerKeys: keys, trustDomain, now });
    return new TestCa({
      keys,
      name,
      certificate: writeCertificate(fields, keys.privateKey),
      above: [],
      trustDomain,
      now,
    });
  }

  /** This CA's certificate, DER. */
  get certificate(): Uint8Array {
    return this.#ca.certificate;
  }

  get keys(): TestKeys {
    return this.#ca.keys;
  }

  get trustDomain(): string {
    return this.#ca.trustDomain;
  }

  /** A good X.509-SVID for a path such as `/workload`, valid for an hour unless another end is asked for. */
  issue(
    path: string,
    options: { readonly dnsNames?: readonly string[]; readonly keys?: TestKeys; readonly notAfter?: Date } = {},
  ): TestIdentity {
    return this.#leaf({ uris: [this.#id(path)], ...options });
  }

  /** A good CA below this one. */
  intermediate(): TestCa {
    return this.#intermediate({});
  }

  /** A good CA below this one that may not sign revocation lists. */
  intermediateWithoutCrlSign(): TestCa {
    return this.#intermediate({ usage: keyUsage([keyUsageBit.keyCertSign]) });
  }

  /** This CA's revocation list, DER: names the leaves of identities, and certificates (DER), that it issued. Good unless options spoil it. */
  revocationList(revoked: readonly (TestIdentity | Uint8Array)[], options: TestRevocationListOptions = {}): Uint8Array {
    const { name, keys } = this.#ca;
    return writeRevocationList({
      number: options.number,
      isUnsupported: options.isUnsupported,
      issuer: name,
      issuerSpki: spkiOf(keys.publicKey),
      thisUpdate: options.thisUpdate ?? this.#at(-60_000),
      nextUpdate: options.nextUpdate ?? this.#at(3_600_000),
      signer: options.signer ?? keys.privateKey,
      revoked: revoked.map((one) => (one instanceof Uint8Array ? one : (one.chain[0] ?? new Uint8Array()))),
    });
  }

  leafWithoutUri(): TestIdentity {
    return this.#leaf({ uris: [], dnsNames: ["workload.example.org"] });
  }

  leafWithTwoUris(): TestIdentity {
    return this.#leaf({ uris: [this.#id("/a"), this.#id("/b")] });
  }

  /** `uri` as it is; default: a path that ends in a slash. */
  leafWithBadSpiffeId(uri: string = this.#id("/a/")): TestIdentity {
    return this.#leaf({ uris: [uri] });
  }

  leafWithoutPath(): TestIdentity {
    return this.#leaf({ uris: [this.#id("")] });
  }

  leafThatIsCa(): TestIdentity {
    return this.#leaf({ basic: basicConstraints(true) });
  }

  leafWithKeyCertSign(): TestIdentity {
    return this.#leaf({ usage: keyUsage([keyUsageBit.digitalSignature, keyUsageBit.keyCertSign]) });
  }

  leafWithCrlSign(): TestIdentity {
    return this.#leaf({ usage: keyUsage([keyUsageBit.digitalSignature, keyUsageBit.crlSign]) });
  }

  leafWithoutDigitalSignature(): TestIdentity {
    return this.#leaf({ usage: keyUsage([keyUsageBit.keyAgreement]) });
  }

  leafWithoutKeyUsage(): TestIdentity {
    return this.#leaf({ usage: undefined });
  }

  leafWithUncriticalKeyUsage(): TestIdentity {
    return this.#leaf({ usage: keyUsage([keyUsageBit.digitalSignature], false) });
  }

  leafWithUnknownCriticalExtension(): TestIdentity {
    return this.#leaf({ extra: [extension("1.3.6.1.4.1.99999.1", true, Uint8Array.of(5, 0))] });
  }

  leafForCodeSigning(): TestIdentity {
    return this.#leaf({ purposes: [codeSigning] });
  }

  leafWithRsa1024Key(): TestIdentity {
    return this.#leaf({ keys: generateKeyPairSync("rsa", { modulusLength: 1024 }) });
  }

  /** Ended a second ago. */
  expiredLeaf(): TestIdentity {
    return this.#leaf({ notAfter: this.#at(-1000) });
  }

  /** Begins in a minute. */
  notYetValidLeaf(): TestIdentity {
    return this.#leaf({ notBefore: this.#at(60_000) });
  }

  leafSignedWithSha1(): TestIdentity {
    return this.#leaf({ digest: "sha1" });
  }

  /** Names this CA as its issuer, but another key signed it. */
  leafSignedByStranger(): TestIdentity {
    return this.#leaf({ signer: newKeys().privateKey });
  }

  /** One bit of the signature is wrong. */
  leafWithBrokenSignature(): TestIdentity {
    const { chain, ...keys } = this.#leaf({});
    const [leaf = new Uint8Array(), ...above] = chain;
    const broken = new Uint8Array(leaf);
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
    return { chain: [broken, ...above], ...keys };
  }

  /** A good chain with a private key that is not the leaf's. */
  leafWithOtherKey(): TestIdentity {
    return { ...this.#leaf({}), privateKey: newKeys().privateKey };
  }

  /** Signed by a certificate that is good as a leaf and no CA. */
  leafBelowLeaf(): TestIdentity {
    return this.#intermediate({ basic: leafConstraints }).issue("/workload");
  }

  leafBelowCaWithoutKeyCertSign(): TestIdentity {
    return this.#intermediate({ usage: keyUsage([keyUsageBit.crlSign]) }).issue("/workload");
  }

  leafBelowExpiredCa(): TestIdentity {
    return this.#intermediate({ notAfter: this.#at(-1000) }).issue("/workload");
  }

  /** Two CAs below one that allows none. */
  leafBelowPathLengthZero(): TestIdentity {
    return this.#intermediate({ basic: basicConstraints(true, 0) })
      .intermediate()
      .issue("/workload");
  }

  /** Below a CA that may only name another trust domain. */
  leafOutsideNameConstraints(): TestIdentity {
    return this.#intermediate({ extra: [permittedUriHost("permitted.example")] }).issue("/workload");
  }

  /** The leaf of a good chain without the CA between it and the root. */
  leafWithoutItsIntermediate(): TestIdentity {
    const { chain, ...keys } = this.intermediate().issue("/workload");
    return { chain: chain.slice(0, 1), ...keys };
  }

  #id(path: string): string {
    return `spiffe://${this.#ca.trustDomain}${path}`;
  }

  #at(ms: number): Date {
    return new Date(this.#ca.now.getTime() + ms);
  }

  #leaf(options: LeafOptions): TestIdentity {
    const { keys: caKeys, name, above } = this.#ca;
    const { uris = [this.#id("/workload")], dnsNames = [], keys = newKeys(), basic = leafConstraints } = options;
    const usage = "usage" in options ? options.usage : leafUsage;
    const spki = spkiOf(keys.publicKey);
    const fields: CertificateFields = {
      issuer: name,
      subject: nameOf(undefined),
      notBefore: options.notBefore ?? this.#at(-30_000),
      notAfter: options.notAfter ?? this.#at(3_600_000),
      spki,
      extensions: [
        ...(usage === undefined ? [] : [usage]),
        extKeyUsage(options.purposes ?? [serverAuth, clientAuth]),
        basic,
        subjectKeyId(spki),
        authorityKeyId(spkiOf(caKeys.publicKey)),
        subjectAltName(uris, dnsNames),
        ...(options.extra ?? []),
      ],
    };
    const leaf = writeCertificate(fields, options.signer ?? caKeys.privateKey, options.digest);
    return { chain: [leaf, ...above], publicKey: keys.publicKey, privateKey: keys.privateKey };
  }

  #intermediate(options: IntermediateOptions): TestCa {
    const { keys: issuerKeys, name: issuer, above, trustDomain, now } = this.#ca;
    const keys = newKeys();
    const name = nameOf(`Test CA ${++cas}`);
    const fields = caFields({ keys, name, issuer, issuerKeys, trustDomain, now, ...options });
    const certificate = writeCertificate(fields, issuerKeys.privateKey);
    return new TestCa({ keys, name, certificate, above: [certificate, ...above], trustDomain, now });
  }
}

interface CaCertificate extends IntermediateOptions, Pick<CaFields, "keys" | "name" | "trustDomain" | "now"> {
  readonly issuer: Uint8Array;
  readonly issuerKeys: TestKeys;
}

function caFields(ca: CaCertificate): CertificateFields {
  const spki = spkiOf(ca.keys.publicKey);
  return {
    issuer: ca.issuer,
    subject: ca.name,
    notBefore: new Date(ca.now.getTime() - dayMs),
    notAfter: ca.notAfter ?? new Date(ca.now.getTime() + dayMs),
    spki,
    extensions: [
      ca.basic ?? basicConstraints(true),
      ca.usage ?? caUsage,
      subjectAltName([`spiffe://${ca.trustDomain}`], [], false),
      subjectKeyId(spki),
      authorityKeyId(spkiOf(ca.issuerKeys.publicKey)),
      ...(ca.extra ?? []),
    ],
  };
}
