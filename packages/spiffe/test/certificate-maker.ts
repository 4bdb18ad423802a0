// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { Certificate } from "@mayfly/x509";

// Certificates with any defect, written by code that shares nothing with the package under test.

/** DER of one value. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), body]);
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(0x06, Buffer.from(octets));
}

const text = (tag: number, value: string): Buffer => der(tag, Buffer.from(value, "latin1"));
const yes = Buffer.of(0x01, 0x01, 0xff);

export function extension(dotted: string, value: Uint8Array, critical = false): Buffer {
  return der(0x30, oid(dotted), ...(critical ? [yes] : []), der(0x04, value));
}

export interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function ecKeys(namedCurve = "P-256"): Keys {
  return generateKeyPairSync("ec", { namedCurve });
}

export interface Made {
  readonly certificate: Certificate;
  readonly keys: Keys;
  readonly subject: string;
}

export interface Spec {
  readonly subject?: string;
  readonly issuer?: Made;
  readonly keys?: Keys;
  readonly uris?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ips?: readonly string[];
  /** Undefined: no basic constraints. */
  readonly isCa?: boolean | undefined;
  readonly pathLength?: number;
  /** The octet of the BIT STRING; undefined: no key usage. */
  readonly keyUsage?: number | undefined;
  readonly keyUsageCritical?: boolean;
  readonly purposes?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly more?: readonly Uint8Array[];
  readonly signatureHash?: "sha1" | "sha256";
}

export const now = new Date("2026-06-01T12:00:00Z");
export const inMinutes = (minutes: number): Date => new Date(now.getTime() + minutes * 60_000);

let serial = 1000;
const name = (cn: string): Buffer =>
  cn === "" ? der(0x30) : der(0x30, der(0x31, der(0x30, oid("2.5.4.3"), text(0x0c, cn))));
const time = (date: Date): Buffer =>
  text(
    0x17,
    `${date
      .toISOString()
      .replaceAll(/[-:T]|\.\d+Z/g, "")
      .slice(2)}Z`,
  );
const hashOids = { sha1: "1.2.840.10045.4.1", sha256: "1.2.840.10045.4.3.2" };

function extensions(spec: Spec): Buffer[] {
  const { uris = [], dnsNames = [], ips = [], purposes, keyUsage, keyUsageCritical = true } = spec;
  const names = [
    ...uris.map((uri) => text(0x86, uri)),
    ...dnsNames.map((dns) => text(0x82, dns)),
    ...ips.map((ip) => der(0x87, Buffer.from(ip.split(".").map(Number)))),
  ];
  const all: Buffer[] = [];
  if (names.length > 0) all.push(extension("2.5.29.17", der(0x30, ...names), (spec.subject ?? "") === ""));
  if (spec.isCa !== undefined) {
    const length = spec.pathLength === undefined ? [] : [der(0x02, Buffer.of(spec.pathLength))];
    all.push(extension("2.5.29.19", der(0x30, ...(spec.isCa ? [yes] : []), ...length), true));
  }
  if (keyUsage !== undefined) {
    const unused = Math.clz32(keyUsage & -keyUsage) === 32 ? 0 : 31 - Math.clz32(keyUsage & -keyUsage);
    all.push(extension("2.5.29.15", der(0x03, Buffer.of(unused, keyUsage)), keyUsageCritical));
  }
  if (purposes !== undefined) all.push(extension("2.5.29.37", der(0x30, ...purposes.map(oid))));
  return [...all, ...(spec.more ?? []).map((more) => Buffer.from(more))];
}

/** A certificate as asked for; the issuer defaults to itself. */
export function make(spec: Spec): Made {
  const keys = spec.keys ?? ecKeys();
  return { certificate: Certificate.parse(makeBytes({ ...spec, keys })), keys, subject: spec.subject ?? "" };
}

/** The same, not read: it may be one that can't be. */
export function makeBytes(spec: Spec): Buffer {
  const keys = spec.keys ?? ecKeys();
  const subject = spec.subject ?? "";
  const issuerKeys = spec.issuer?.keys ?? keys;
  const hash = spec.signatureHash ?? "sha256";
  const algorithm = der(0x30, oid(hashOids[hash]));
  const all = extensions(spec);
  const tbs = der(
    0x30,
    Buffer.of(0xa0, 3, 2, 1, 2),
    der(0x02, Buffer.of(0x10, ++serial >> 8, serial & 0xff)),
    algorithm,
    name(spec.issuer?.subject ?? subject),
    der(0x30, time(spec.notBefore ?? inMinutes(-60)), time(spec.notAfter ?? inMinutes(60))),
    name(subject),
    keys.publicKey.export({ format: "der", type: "spki" }),
    ...(all.length === 0 ? [] : [der(0xa3, der(0x30, ...all))]),
  );
  const signature = sign(hash, tbs, issuerKeys.privateKey);
  return der(0x30, tbs, algorithm, der(0x03, Buffer.of(0), signature));
}

export const KU = { digitalSignature: 0x80, keyEncipherment: 0x20, keyCertSign: 0x04, crlSign: 0x02 } as const;

/** A good root or, with an issuer, intermediate. */
export function makeCa(spec: Spec = {}): Made {
  return make({ subject: "root", isCa: true, keyUsage: KU.keyCertSign | KU.crlSign, uris: ["spiffe://td"], ...spec });
}

/** A good leaf, spiffe://td/w. */
export function makeLeaf(issuer: Made, spec: Spec = {}): Made {
  return make({ issuer, isCa: false, keyUsage: KU.digitalSignature, uris: ["spiffe://td/w"], ...spec });
}
