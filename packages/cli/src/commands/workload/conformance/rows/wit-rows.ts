// SPDX-License-Identifier: Apache-2.0
import type { WorkloadWitSvid } from "@mayfly/rpc";
import { readKeySet } from "../key-set.ts";
import { type Observation, ownTrustDomain } from "../observation.ts";
import { code, endedWith } from "../outcome.ts";
import { jsonMap, type JsonMap, type RawToken, readRawToken } from "../raw-token.ts";
import { allOf, demand, type Finding, kept, type Row, unseen } from "../row.ts";
import { ownKeyFinding } from "./bundle-keys.ts";
import { withoutMessage } from "./x509-rows.ts";

const maxTokens = 100;
const algorithm = /^(RS|ES|PS)(256|384|512)$/;

function isServed({ wit, witBundles }: Observation): boolean {
  return !(endedWith(wit, code.unimplemented) && endedWith(witBundles, code.unimplemented));
}

function bothOrNone(seen: Observation): Finding {
  if (!isServed(seen)) return kept;
  const half = endedWith(seen.wit, code.unimplemented) || endedWith(seen.witBundles, code.unimplemented);
  return demand(!half, "one of the two calls is UNIMPLEMENTED, the other is not");
}

function perSvid(check: (svid: WorkloadWitSvid, token: RawToken | undefined) => Finding): Row["check"] {
  return (seen) => {
    if (!isServed(seen)) return unseen("the WIT profile is not served");
    if (seen.wit.kind === "status") return withoutMessage(seen.wit);
    const svids = seen.wit.message.svids.slice(0, maxTokens);
    return allOf([
      demand(svids.length > 0, "the answer has no SVID"),
      ...svids.map((svid) => check(svid, readRawToken(svid.wit_svid))),
    ]);
  };
}

function perToken(check: (token: RawToken, svid: WorkloadWitSvid) => boolean, detail: string): Row["check"] {
  return perSvid((svid, token) =>
    token === undefined ? unseen("the token can't be read") : demand(check(token, svid), detail),
  );
}

function allFields({ spiffe_id, wit_svid, wit_svid_key }: WorkloadWitSvid, token: RawToken | undefined): Finding {
  return allOf([
    demand(spiffe_id !== "" && wit_svid !== "" && wit_svid_key !== "", "a field is empty"),
    demand(token !== undefined, "wit_svid is no compact JWS"),
    demand(jsonMap(wit_svid_key) !== undefined, "wit_svid_key is no JWK"),
  ]);
}

function confirmedKey({ claims: { cnf } }: RawToken): JsonMap | undefined {
  const jwk: unknown = typeof cnf === "object" && cnf !== null && "jwk" in cnf ? cnf.jwk : undefined;
  return typeof jwk === "object" && jwk !== null ? (jwk as JsonMap) : undefined;
}

function isPublic(token: RawToken): boolean {
  const jwk = confirmedKey(token);
  return jwk !== undefined && jwk["kty"] !== "oct" && !Object.hasOwn(jwk, "d");
}

function fitsKey(token: RawToken, { wit_svid_key }: WorkloadWitSvid): boolean {
  const [own, confirmed] = [jsonMap(wit_svid_key), confirmedKey(token)];
  if (own === undefined || confirmed === undefined || !Object.hasOwn(own, "d")) return false;
  return ["kty", "crv", "x", "y", "n", "e"].every((name) => own[name] === confirmed[name]);
}

function bundles(seen: Observation): Finding {
  if (!isServed(seen)) return unseen("the WIT profile is not served");
  if (seen.witBundles.kind === "status") return withoutMessage(seen.witBundles);
  const { bundles: found } = seen.witBundles.message;
  const sets = Object.values(found).map((json) => readKeySet(json));
  const ids = sets.flatMap((set) => set?.keys ?? []).map(({ kid }) => kid);
  return allOf([
    ownKeyFinding(found, ownTrustDomain(seen)),
    demand(!sets.includes(undefined), "a bundle is no JWK set"),
    demand(new Set(ids).size === ids.length && !ids.includes(undefined), "key IDs are missing or not distinct"),
  ]);
}

function denied(seen: Observation): Finding {
  if (!isServed(seen)) return unseen("the WIT profile is not served");
  if (!endedWith(seen.x509.watched.first, code.permissionDenied)) return unseen("needs a caller without identity");
  return demand(endedWith(seen.wit, code.permissionDenied), "the answer is not PERMISSION_DENIED");
}

/** Workload API §7 and WIT-SVID (incubating): optional, but then as a whole. */
export const witRows: readonly Row[] = [
  { id: "WLAPI-40", level: "MUST", title: "WIT calls: both served or both UNIMPLEMENTED", check: bothOrNone },
  { id: "WLAPI-42", level: "MUST", title: "WIT-SVIDs: every field but the hint", check: perSvid(allFields) },
  {
    id: "WLAPI-43",
    level: "MUST",
    title: "WIT-SVIDs: private key of cnf",
    check: perToken(fitsKey, "wit_svid_key is another"),
  },
  { id: "WLAPI-44", level: "MUST", title: "WIT bundles: own JWK set, distinct IDs", check: bundles },
  { id: "WLAPI-45", level: "SHOULD", title: "WIT: PERMISSION_DENIED without identity", check: denied },
  {
    id: "WIT-02",
    level: "MUST",
    title: "WIT: names its key",
    check: perToken(({ header: { kid } }) => typeof kid === "string" && kid !== "", "kid is missing"),
  },
  {
    id: "WIT-03",
    level: "MUST",
    title: "WIT: type wit+jwt",
    check: perToken(({ header: { typ } }) => typ === "wit+jwt", "the type is another"),
  },
  {
    id: "WIT-04",
    level: "MUST",
    title: "WIT: one of the nine algorithms",
    check: perToken(({ header: { alg } }) => algorithm.test(String(alg)), "the algorithm is another"),
  },
  {
    id: "WIT-06",
    level: "MUST",
    title: "WIT: sub is spiffe_id",
    check: perToken(({ claims: { sub } }, { spiffe_id }) => sub === spiffe_id, "sub is another"),
  },
  {
    id: "WIT-07",
    level: "MUST",
    title: "WIT: public key in cnf",
    check: perToken(isPublic, "cnf.jwk is missing or private"),
  },
  {
    id: "WIT-09",
    level: "MUST",
    title: "WIT: has an end",
    check: perToken(({ claims: { exp } }) => typeof exp === "number", "exp is missing"),
  },
  {
    id: "WIT-14",
    level: "MUST",
    title: "WIT: no audience",
    check: perToken(({ claims }) => !Object.hasOwn(claims, "aud"), "aud is there"),
  },
];
