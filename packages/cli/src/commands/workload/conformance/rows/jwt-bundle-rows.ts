// SPDX-License-Identifier: Apache-2.0
import type { JWTBundlesResponse } from "@mayfly/rpc";
import { type KeySet, readKeySet } from "../key-set.ts";
import { firstMessage, type Observation, ownTrustDomain } from "../observation.ts";
import type { JsonMap } from "../raw-token.ts";
import { allOf, broken, demand, type Finding, type Row, unseen } from "../row.ts";
import { ownKeyFinding } from "./bundle-keys.ts";
import { withoutMessage } from "./x509-rows.ts";

const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "k", "oth"];

function whenAnswered(check: (message: JWTBundlesResponse, seen: Observation) => Finding): Row["check"] {
  return (seen) => {
    const message = firstMessage(seen.jwtBundles);
    return message === undefined ? withoutMessage(seen.jwtBundles.watched.first) : check(message, seen);
  };
}

function perSet(check: (set: KeySet) => Finding): Row["check"] {
  return whenAnswered(({ bundles }) =>
    allOf(
      Object.values(bundles).map((json) => {
        const set = readKeySet(json);
        return set === undefined ? unseen("the bundle can't be read") : check(set);
      }),
    ),
  );
}

function perKey(check: (key: JsonMap) => boolean, detail: string): Row["check"] {
  return perSet(({ keys }) => demand(keys.every(check), detail));
}

function keySets({ bundles }: JWTBundlesResponse): Finding {
  const bad = Object.values(bundles).some((json) => readKeySet(json) === undefined);
  return bad ? broken("a bundle is no JWK set") : demand(Object.keys(bundles).length > 0, "there is no bundle");
}

function distinctIds({ keys }: KeySet): Finding {
  const ids = keys.map(({ kid }) => kid).filter((kid) => kid !== undefined);
  return demand(new Set(ids).size === ids.length, "two keys have the same ID");
}

/** Workload API §6.2.2: FetchJWTBundles. */
export const jwtBundleRows: readonly Row[] = [
  {
    id: "WLAPI-31",
    level: "MUST",
    title: "JWT bundles: own trust domain among them",
    check: whenAnswered(({ bundles }, seen) => ownKeyFinding(bundles, ownTrustDomain(seen))),
  },
  { id: "WLAPI-31", level: "MUST", title: "JWT bundles: JWK sets", check: whenAnswered(keySets) },
  {
    id: "WLAPI-31",
    level: "MUST",
    title: "JWT bundles: JWT keys only",
    check: perKey(
      ({ use, x5c }) => x5c === undefined && [undefined, "jwt-svid", "sig"].includes(use as string),
      "a key is for something else",
    ),
  },
  {
    id: "WLAPI-31",
    level: "SHOULD",
    title: "JWT bundles: every key has an ID",
    check: perKey(({ kid }) => typeof kid === "string" && kid !== "", "a key has no ID"),
  },
  {
    id: "WLAPI-31",
    level: "SHOULD",
    title: "JWT bundles: no use, no SPIFFE members",
    check: perSet(({ keys, others }) =>
      demand(
        !others.some((name) => name.startsWith("spiffe_")) &&
          keys.every(({ use }) => use === undefined || use === "sig"),
        "there is a use that JWT libraries don't know, or a spiffe_ member",
      ),
    ),
  },
  { id: "JWT-31", level: "MUST", title: "JWT bundles: key IDs are distinct", check: perSet(distinctIds) },
  {
    id: "JWT-34",
    level: "MUST",
    title: "JWT bundles: no private keys",
    check: perKey((key) => !privateMembers.some((name) => Object.hasOwn(key, name)), "a key has private members"),
  },
];
