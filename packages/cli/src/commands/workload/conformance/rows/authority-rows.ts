// SPDX-License-Identifier: Apache-2.0
import { BundleSet, type Certificate, SpiffeId, verifyPeer, X509Bundle } from "@mayfly/spiffe";
import { type Identity, read } from "../identity.ts";
import type { Observation } from "../observation.ts";
import { allOf, broken, demand, type Finding, kept, type Row, unseen } from "../row.ts";
import { perIdentity } from "./x509-rows.ts";

/** digitalSignature, keyEncipherment, dataEncipherment, keyAgreement. */
const leafBits = 1 | 4 | 8 | 16;

/** Checks the bundle's authorities and what follows the leaf. */
function perSigner(
  check: (signer: Certificate, identity: Identity) => Finding,
  which: "all" | "chain" = "all",
): Row["check"] {
  return perIdentity((identity) => {
    const { chain, authorities } = identity;
    if ("problem" in chain || "problem" in authorities) return unseen("the certificates can't be read");
    const above = chain.value.slice(1);
    const signers = which === "chain" ? above : [...above, ...authorities.value];
    return signers.length === 0
      ? unseen("needs a signing certificate")
      : allOf(signers.map((signer) => check(signer, identity)));
  });
}

function maySign({ isCa, keyUsage }: Certificate): Finding {
  return demand(isCa && keyUsage?.keyCertSign === true && keyUsage.critical, "cA, keyCertSign or critical is missing");
}

function idOf(signer: Certificate): SpiffeId | undefined {
  const id = read(() => SpiffeId.parse(signer.uris[0] ?? ""));
  return "value" in id ? id.value : undefined;
}

function carriesId(signer: Certificate, { id }: Identity): Finding {
  const own = idOf(signer);
  if (own === undefined) return broken("a signing certificate has no SPIFFE ID");
  return demand(
    id === undefined || own.trustDomain.equals(id.trustDomain),
    "a signing certificate is of another trust domain",
  );
}

function hasNoPath(signer: Certificate): Finding {
  const id = idOf(signer);
  return demand(id === undefined || id.path === "", "a signing certificate's ID has a path");
}

/** X509-SVID §5: from the leaf to the bundle that came with it. */
function chainsToBundle({ id, chain, authorities }: Identity, { now }: Observation): Finding {
  if ("problem" in chain || "problem" in authorities) return unseen("the certificates can't be read");
  if (id === undefined) return unseen("spiffe_id is no SPIFFE ID");
  const bundles = BundleSet.of(new X509Bundle(id.trustDomain, authorities.value));
  const verified = read(() => verifyPeer(chain.value, bundles, { now }));
  return "problem" in verified ? broken(`the verdict is ${verified.problem}`) : kept;
}

/** X509-SVID §3, §5: signing certificates and the path. */
export const authorityRows: readonly Row[] = [
  {
    id: "X509-11",
    level: "MUST",
    title: "authorities: cA, keyCertSign, critical key usage",
    check: perSigner(maySign),
  },
  {
    id: "X509-11",
    level: "SHOULD",
    title: "authorities: no key usage of leaves",
    check: perSigner(({ keyUsage }) => demand(((keyUsage?.bits ?? 0) & leafBits) === 0, "it has bits of a leaf")),
  },
  { id: "X509-12", level: "SHOULD", title: "authorities: ID of the trust domain", check: perSigner(carriesId) },
  { id: "X509-12", level: "MUST", title: "authorities: an ID has no path", check: perSigner(hasNoPath) },
  {
    id: "X509-15",
    level: "SHOULD",
    title: "intermediates: no extended key usage",
    check: perSigner(({ extKeyUsage }) => demand(extKeyUsage === undefined, "it has some"), "chain"),
  },
  { id: "X509-27", level: "MUST", title: "the leaf verifies by its bundle", check: perIdentity(chainsToBundle) },
];
