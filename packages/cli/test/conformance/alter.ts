// SPDX-License-Identifier: Apache-2.0
import type { JWTBundlesResponse, JWTSVIDResponse, WITSVIDResponse, X509SVIDResponse } from "@mayfly/rpc";
import type { Certificate } from "@mayfly/spiffe";
import type { TestIdentity } from "@mayfly/testkit";
import { type Identity, readIdentities } from "../../src/commands/workload/conformance/identity.ts";
import type { Observation, Stream } from "../../src/commands/workload/conformance/observation.ts";
import type { Outcome } from "../../src/commands/workload/conformance/outcome.ts";
import { readRawToken } from "../../src/commands/workload/conformance/raw-token.ts";

/** A change of what was seen. */
export type Change = (seen: Observation) => Observation;

type Json = Readonly<Record<string, unknown>>;

/** A status in place of an answer. */
export function status(code: number, text = ""): Outcome<never> {
  return { kind: "status", code, text, ms: 1 };
}

/** An answer. */
export function answer<T>(message: T): Outcome<T> {
  return { kind: "answer", message, ms: 1 };
}

function altered<T>(outcome: Outcome<T>, change: (message: T) => T): Outcome<T> {
  return outcome.kind === "answer" ? answer(change(outcome.message)) : outcome;
}

/** Every opening of a stream says something else. */
export function streamSays<T>(stream: Stream<T>, change: (message: T) => T): Stream<T> {
  const { watched, second, atEnd } = stream;
  const last = watched.last === undefined ? undefined : change(watched.last);
  const first = altered(watched.first, change);
  return {
    ...stream,
    watched: { ...watched, first, last },
    second: altered(second, change),
    atEnd: altered(atEnd, change),
  };
}

/** FetchX509SVID says something else. */
export function x509Says(change: (message: X509SVIDResponse) => X509SVIDResponse): Change {
  return (seen) => {
    const x509 = streamSays(seen.x509, change);
    const { first } = x509.watched;
    return { ...seen, x509, identities: readIdentities(first.kind === "answer" ? first.message.svids : []) };
  };
}

/** Every X.509-SVID says something else. */
export function svidSays(change: (svid: X509SVIDResponse["svids"][number]) => object): Change {
  return x509Says((message) => ({ ...message, svids: message.svids.map((svid) => ({ ...svid, ...change(svid) })) }));
}

/** Every X.509-SVID is this one. */
export function svidIs({ chain, privateKey }: TestIdentity): Change {
  return svidSays(() => ({
    x509_svid: Buffer.concat(chain),
    x509_svid_key: privateKey.export({ format: "der", type: "pkcs8" }),
  }));
}

/** A certificate with other facts, for rows that look at nothing else. */
function withFacts(certificate: Certificate, facts: Partial<Certificate>): Certificate {
  return Object.create(
    certificate,
    Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, { value }])),
  ) as Certificate;
}

/** The certificate at this place of every chain has other facts. */
export function certificateSays(place: number, facts: Partial<Certificate>): Change {
  const change = (identity: Identity): Identity => {
    if ("problem" in identity.chain) return identity;
    const chain = identity.chain.value.map((each, index) => (index === place ? withFacts(each, facts) : each));
    return { ...identity, chain: { value: chain } };
  };
  return (seen) => ({ ...seen, identities: seen.identities.map(change) });
}

/** FetchJWTSVID says something else, for one audience. */
export function tokensSay(change: (message: JWTSVIDResponse) => JWTSVIDResponse): Change {
  return (seen) => ({ ...seen, tokens: { ...seen.tokens, one: altered(seen.tokens.one, change) } });
}

function retold(token: string, header: Json, claims: Json): string {
  const raw = readRawToken(token);
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${encode({ ...raw?.header, ...header })}.${encode({ ...raw?.claims, ...claims })}.${raw?.segments[2] ?? ""}`;
}

/** Every token of FetchJWTSVID has other headers and claims; undefined takes one away. */
export function tokenSays(header: Json, claims: Json = {}): Change {
  return tokensSay(({ svids }) => ({
    svids: svids.map((svid) => ({ ...svid, svid: retold(svid.svid, header, claims) })),
  }));
}

/** FetchWITSVID says something else. */
export function witSays(change: (svid: WITSVIDResponse["svids"][number]) => object): Change {
  return (seen) => ({
    ...seen,
    wit: altered(seen.wit, ({ svids }) => ({ svids: svids.map((svid) => ({ ...svid, ...change(svid) })) })),
  });
}

/** Every WIT-SVID has other headers and claims. */
export function witTokenSays(header: Json, claims: Json = {}): Change {
  return witSays(({ wit_svid }) => ({ wit_svid: retold(wit_svid, header, claims) }));
}

/** FetchJWTBundles says something else. */
export function jwtBundlesSay(change: (bundles: JWTBundlesResponse["bundles"]) => Record<string, Buffer>): Change {
  return (seen) => ({
    ...seen,
    jwtBundles: streamSays(seen.jwtBundles, ({ bundles }) => ({ bundles: change(bundles) })),
  });
}

/** Every JWT key of every bundle has other members; undefined takes one away. */
export function jwtKeySays(members: Json, others: Json = {}): Change {
  return jwtBundlesSay((bundles) =>
    Object.fromEntries(
      Object.entries(bundles).map(([name, json]) => {
        const { keys } = JSON.parse(json.toString()) as { keys: Json[] };
        return [name, Buffer.from(JSON.stringify({ ...others, keys: keys.map((key) => ({ ...key, ...members })) }))];
      }),
    ),
  );
}
