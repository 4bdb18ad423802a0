// SPDX-License-Identifier: Apache-2.0
import type { X509SVIDResponse } from "@mayfly/rpc";
import { type Identity, readCertificates } from "../identity.ts";
import { firstMessage, type Observation, ownTrustDomain } from "../observation.ts";
import { code, describeOutcome, type Outcome } from "../outcome.ts";
import { allOf, broken, demand, type Finding, kept, type Row, unseen } from "../row.ts";
import { foreignKeysFinding } from "./bundle-keys.ts";

const refusals: readonly number[] = [code.permissionDenied, code.unimplemented, code.unavailable];

/** Without a message: not seen when the endpoint may refuse so, else broken. */
export function withoutMessage(outcome: Outcome<unknown>): Finding {
  const detail = `the answer is ${describeOutcome(outcome)}`;
  return outcome.kind === "status" && refusals.includes(outcome.code) ? unseen(detail) : broken(detail);
}

function whenAnswered(check: (message: X509SVIDResponse, seen: Observation) => Finding): Row["check"] {
  return (seen) => {
    const message = firstMessage(seen.x509);
    return message === undefined ? withoutMessage(seen.x509.watched.first) : check(message, seen);
  };
}

/** Checks every identity of the answer; not seen when there is none. */
export function perIdentity(check: (identity: Identity, seen: Observation) => Finding): Row["check"] {
  return (seen) => {
    if (seen.identities.length === 0) return unseen("needs an X.509-SVID");
    return allOf(seen.identities.map((identity) => check(identity, seen)));
  };
}

function allFields({ message }: Identity): Finding {
  const { spiffe_id, x509_svid, x509_svid_key, bundle } = message;
  const fields = { spiffe_id, x509_svid, x509_svid_key, bundle };
  const empty = Object.entries(fields).find(([, value]) => value.length === 0);
  return demand(empty === undefined, `the field ${empty?.[0]} is empty`);
}

function chainOf({ chain }: Identity): Finding {
  if ("problem" in chain) return broken(`the chain can't be read: ${chain.problem}`);
  const [leaf, ...signers] = chain.value;
  if (leaf === undefined) return broken("the chain is empty");
  return allOf([
    demand(!leaf.isCa, "the first certificate is a CA"),
    demand(
      signers.every((signer) => signer.isCa),
      "a certificate behind the leaf is no CA",
    ),
  ]);
}

/** Problems of chain and key together that are the key's. */
const keyProblems: readonly string[] = ["MALFORMED", "KEY_MISMATCH", "UNSUPPORTED_KEY", "TOO_LARGE"];

function keyOf({ chain, svid }: Identity): Finding {
  if ("problem" in chain) return unseen("the chain can't be read");
  if ("value" in svid) return kept;
  // The chain was read, so what is malformed is the key; other problems hide it.
  return keyProblems.includes(svid.problem) ? broken(svid.problem) : unseen(`the leaf is refused: ${svid.problem}`);
}

function bundleOf({ authorities }: Identity): Finding {
  if ("problem" in authorities) return broken(`the bundle can't be read: ${authorities.problem}`);
  return allOf([
    demand(authorities.value.length > 0, "the bundle is empty"),
    demand(
      authorities.value.every((authority) => authority.isCa),
      "the bundle holds a certificate that is no CA",
    ),
  ]);
}

function sameId({ message, chain }: Identity): Finding {
  if ("problem" in chain) return unseen("the chain can't be read");
  return demand(chain.value[0]?.uris[0] === message.spiffe_id, "spiffe_id is not the leaf's URI");
}

function readableBundles({ federated_bundles }: X509SVIDResponse): Finding {
  const bad = Object.values(federated_bundles).some((der) => "problem" in readCertificates(der));
  return demand(!bad, "a federated bundle can't be read");
}

/** X.690 §10.1: one SEQUENCE of definite length, as long as the bytes. */
function isOneSequence(der: Uint8Array): boolean {
  const [tag, first = 0] = der;
  const octets = first < 0x80 ? 0 : first - 0x80;
  if (tag !== 0x30 || octets > 4 || first === 0x80) return false;
  const length =
    octets === 0 ? first : Buffer.from(der.subarray(2, 2 + octets)).reduce((sum, byte) => sum * 256 + byte, 0);
  return 2 + octets + length === der.length;
}

/** Workload API §5.2.1: FetchX509SVID. */
export const x509Rows: readonly Row[] = [
  {
    id: "WLAPI-20",
    level: "MUST",
    title: "at least one X.509-SVID",
    check: whenAnswered(({ svids }) => demand(svids.length > 0, "the answer has no SVID")),
  },
  { id: "WLAPI-20", level: "MUST", title: "every field but the hint is set", check: perIdentity(allFields) },
  { id: "WLAPI-20", level: "MUST", title: "x509_svid: DER, leaf first, then CAs", check: perIdentity(chainOf) },
  { id: "WLAPI-20", level: "MUST", title: "x509_svid_key: PKCS#8 DER of the leaf", check: perIdentity(keyOf) },
  { id: "WLAPI-20", level: "MUST", title: "bundle: DER of CA certificates", check: perIdentity(bundleOf) },
  { id: "WLAPI-26", level: "MUST", title: "spiffe_id is the leaf's URI", check: perIdentity(sameId) },
  {
    id: "WLAPI-23",
    level: "MUST",
    title: "federated bundles: foreign trust domains only",
    check: whenAnswered((message, seen) => foreignKeysFinding(message.federated_bundles, ownTrustDomain(seen))),
  },
  { id: "WLAPI-23", level: "MUST", title: "federated bundles: concatenated DER", check: whenAnswered(readableBundles) },
  {
    id: "WLAPI-25",
    level: "MAY",
    title: "revocation lists are DER",
    check: whenAnswered(({ crl }) => demand(crl.every(isOneSequence), "a revocation list is not DER")),
  },
];
