// SPDX-License-Identifier: Apache-2.0
import type { WorkloadJwtSvid } from "@mayfly/rpc";
import { BundleSet, JwtBundle, SpiffeId, verifyJwtSvid } from "@mayfly/spiffe";
import { read } from "../identity.ts";
import { firstMessage, type Observation } from "../observation.ts";
import { type RawToken, readRawToken } from "../raw-token.ts";
import { allOf, broken, demand, type Finding, kept, type Row, unseen } from "../row.ts";

const maxTokens = 100;
const algorithm = /^(RS|ES|PS)(256|384|512)$/;
const known = new Set(["alg", "kid", "typ"]);
const hourSeconds = 3600;

/** Checks every token of the first answer. */
function perToken(check: (token: RawToken, svid: WorkloadJwtSvid, seen: Observation) => Finding): Row["check"] {
  return (seen) => {
    const { one } = seen.tokens;
    const svids = one.kind === "answer" ? one.message.svids.slice(0, maxTokens) : [];
    if (svids.length === 0) return unseen("needs a JWT-SVID");
    return allOf(
      svids.map((svid) => {
        const token = readRawToken(svid.svid);
        return token === undefined ? unseen("the token can't be read") : check(token, svid, seen);
      }),
    );
  };
}

function compact({ tokens: { one } }: Observation): Finding {
  if (one.kind === "status" || one.message.svids.length === 0) return unseen("needs a JWT-SVID");
  const bad = one.message.svids.slice(0, maxTokens).some(({ svid }) => readRawToken(svid) === undefined);
  return demand(!bad, "a token is not in compact form");
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function audiencesOf({ claims }: RawToken): unknown[] {
  const { aud } = claims;
  return Array.isArray(aud) ? aud : [aud];
}

function issuedAt({ claims: { iat } }: RawToken, now: Date): Finding {
  return demand(
    Number.isInteger(iat) && Number(iat) <= now.getTime() / 1000 + 60,
    "iat is missing, no integer or to come",
  );
}

function shortLived({ claims: { exp } }: RawToken, now: Date): Finding {
  return demand(isNumber(exp) && exp - now.getTime() / 1000 <= hourSeconds, "it lives for over an hour");
}

/** The published keys, by the parser that validators use. */
function jwtBundles(seen: Observation): BundleSet<JwtBundle> | undefined {
  const message = firstMessage(seen.jwtBundles);
  if (message === undefined) return undefined;
  const bundles = Object.entries(message.bundles).flatMap(([name, jwks]) => {
    const bundle = read(() => JwtBundle.fromJwks(SpiffeId.parse(name).trustDomain, jwks));
    return "value" in bundle ? [bundle.value] : [];
  });
  return BundleSet.of(...bundles);
}

function verifies(_token: RawToken, { svid }: WorkloadJwtSvid, seen: Observation): Finding {
  const bundles = jwtBundles(seen);
  if (bundles === undefined) return unseen("needs the JWT bundles");
  const options = { audience: [seen.audience], now: seen.now, leewaySeconds: 60 };
  const verdict = read(() => verifyJwtSvid(svid, bundles, options));
  return "problem" in verdict ? broken(`the verdict is ${verdict.problem}`) : kept;
}

/** JWT-SVID §2 and §3: the tokens that the endpoint gives out. */
export const tokenRows: readonly Row[] = [
  { id: "JWT-01", level: "MUST", title: "token: compact form", check: compact },
  {
    id: "JWT-02",
    level: "MUST",
    title: "token: one of the nine algorithms",
    check: perToken(({ header: { alg } }) => demand(algorithm.test(String(alg)), "the algorithm is another")),
  },
  {
    id: "JWT-04",
    level: "SHOULD",
    title: "token: names its key",
    check: perToken(({ header: { kid } }) => demand(typeof kid === "string" && kid !== "", "kid is missing")),
  },
  {
    id: "JWT-05",
    level: "MUST",
    title: "token: type JWT or JOSE, if any",
    check: perToken(({ header: { typ } }) =>
      demand([undefined, "JWT", "JOSE"].includes(typ as string), "the type is another"),
    ),
  },
  {
    id: "JWT-06",
    level: "MUST",
    title: "token: no other header",
    check: perToken(({ header }) =>
      demand(
        Object.keys(header).every((name) => known.has(name)),
        "it has another header",
      ),
    ),
  },
  {
    id: "JWT-10",
    level: "MUST",
    title: "token: sub is spiffe_id",
    check: perToken(({ claims: { sub } }, { spiffe_id }) => demand(sub === spiffe_id && sub !== "", "sub is another")),
  },
  {
    id: "JWT-11",
    level: "MUST",
    title: "token: aud is what was asked for",
    check: perToken((token, _svid, { audience }) =>
      demand(audiencesOf(token).length === 1 && audiencesOf(token)[0] === audience, "aud is another"),
    ),
  },
  {
    id: "JWT-14",
    level: "MUST",
    title: "token: has an end, still to come",
    check: perToken(({ claims: { exp } }, _svid, { now }) =>
      demand(isNumber(exp) && exp > now.getTime() / 1000, "exp is missing or past"),
    ),
  },
  {
    id: "JWT-16",
    level: "SHOULD",
    title: "token: whole iat, not to come",
    check: perToken((token, _svid, { now }) => issuedAt(token, now)),
  },
  {
    id: "JWT-18",
    level: "SHOULD",
    title: "token: lives an hour at most",
    check: perToken((token, _svid, { now }) => shortLived(token, now)),
  },
  { id: "JWT-21", level: "MUST", title: "token: verifies by the published keys", check: perToken(verifies) },
];
