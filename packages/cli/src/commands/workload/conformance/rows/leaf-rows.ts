// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from "@mayfly/spiffe";
import { SpiffeId } from "@mayfly/spiffe";
import { type Identity, read } from "../identity.ts";
import { allOf, demand, type Finding, type Row, unseen } from "../row.ts";
import { perIdentity } from "./x509-rows.ts";

const subjectAltName = "2.5.29.17";
const serverAuth = "1.3.6.1.5.5.7.3.1";
const clientAuth = "1.3.6.1.5.5.7.3.2";
/** digitalSignature, keyEncipherment, keyAgreement: bits of `KeyUsage.bits`. */
const usualBits = 1 | 4 | 16;
/** An empty Name. */
const emptyNameBytes = 2;
const leastSerialNumber = 1n << 56n;
const tooLargeSerialNumber = 1n << 159n;

/** Checks the first certificate of every identity. */
function perLeaf(check: (leaf: Certificate, signer: Certificate | undefined) => Finding): Row["check"] {
  return perIdentity(({ chain, authorities }: Identity) => {
    if ("problem" in chain) return unseen("the chain can't be read");
    const [leaf, next] = chain.value;
    if (leaf === undefined) return unseen("the chain is empty");
    const roots = "value" in authorities ? authorities.value : [];
    return check(leaf, next ?? roots.find((root) => leaf.isSignedBy(root)));
  });
}

function withPath(leaf: Certificate): Finding {
  const id = read(() => SpiffeId.parse(leaf.uris[0] ?? ""));
  if ("problem" in id) return demand(false, `the URI is no SPIFFE ID: ${id.problem}`);
  return demand(id.value.path !== "", "the ID has no path");
}

function criticalNames(leaf: Certificate): Finding {
  const names = leaf.extensions.find(({ oid }) => oid === subjectAltName);
  return demand(
    leaf.subjectDer.length > emptyNameBytes || names?.critical === true,
    "empty subject, names not critical",
  );
}

function purposes({ extKeyUsage }: Certificate): Finding {
  const both = extKeyUsage?.includes(serverAuth) === true && extKeyUsage.includes(clientAuth);
  return demand(both, extKeyUsage === undefined ? "there is none" : "serverAuth or clientAuth is missing");
}

function serialAndKeyIds(leaf: Certificate): Finding {
  const { serialNumber, subjectKeyId, authorityKeyId } = leaf;
  return allOf([
    demand(
      serialNumber >= leastSerialNumber && serialNumber < tooLargeSerialNumber,
      "not a serial number of 64 bits to 20 octets",
    ),
    demand(subjectKeyId !== undefined && authorityKeyId !== undefined, "a key identifier is missing"),
  ]);
}

function endsInTime(leaf: Certificate, signer: Certificate | undefined): Finding {
  if (signer === undefined) return unseen("the leaf's issuer is not among the certificates");
  return demand(leaf.notAfter.getTime() <= signer.notAfter.getTime(), "it outlives its issuer");
}

function commonKey(leaf: Certificate): Finding {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = leaf.publicKey;
  const curve = details?.namedCurve ?? "";
  const isUsual =
    (type === "ec" && ["prime256v1", "secp384r1", "secp521r1"].includes(curve)) ||
    (type === "rsa" && (details?.modulusLength ?? 0) >= 2048);
  return demand(isUsual, `the key is ${type ?? "unknown"} ${curve}`.trim());
}

/** X509-SVID §2 to §4 and Appendix A: the leaf. */
export const leafRows: readonly Row[] = [
  {
    id: "X509-01",
    level: "MUST",
    title: "leaf: exactly one URI name",
    check: perLeaf(({ uris }) => demand(uris.length === 1, `there are ${uris.length}`)),
  },
  { id: "X509-03", level: "MUST", title: "leaf: SPIFFE ID with a path", check: perLeaf(withPath) },
  { id: "X509-04", level: "MUST", title: "leaf: empty subject, critical names", check: perLeaf(criticalNames) },
  { id: "X509-05", level: "MUST", title: "leaf: no CA", check: perLeaf(({ isCa }) => demand(!isCa, "it is a CA")) },
  {
    id: "X509-05",
    level: "SHOULD",
    title: "leaf: basic constraints are there",
    check: perLeaf(({ basicConstraintsPresent }) => demand(basicConstraintsPresent, "they are missing")),
  },
  {
    id: "X509-06",
    level: "MUST",
    title: "leaf: key usage, critical",
    check: perLeaf(({ keyUsage }) => demand(keyUsage?.critical === true, "it is missing or not critical")),
  },
  {
    id: "X509-07",
    level: "MUST",
    title: "leaf: digitalSignature, no signing of others",
    check: perLeaf(({ keyUsage }) =>
      allOf([
        demand(keyUsage?.digitalSignature === true, "digitalSignature is missing"),
        demand(keyUsage?.keyCertSign !== true && keyUsage?.crlSign !== true, "it may sign certificates or lists"),
      ]),
    ),
  },
  {
    id: "X509-07",
    level: "SHOULD",
    title: "leaf: no odd key usage",
    check: perLeaf(({ keyUsage }) => demand(((keyUsage?.bits ?? 0) & ~usualBits) === 0, "it has other bits")),
  },
  { id: "X509-08", level: "SHOULD", title: "leaf: purposes of both TLS ends", check: perLeaf(purposes) },
  { id: "X509-09", level: "SHOULD", title: "leaf: random serial, key identifiers", check: perLeaf(serialAndKeyIds) },
  { id: "X509-09", level: "SHOULD", title: "leaf: ends with its issuer at last", check: perLeaf(endsInTime) },
  { id: "X509-10", level: "SHOULD", title: "leaf: a key that all libraries know", check: perLeaf(commonKey) },
];
