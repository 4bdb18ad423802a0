// SPDX-License-Identifier: Apache-2.0
import type { ChainCase } from "./chain-mutations.ts";
import { coded, type Rule, type Rules } from "./rule.ts";

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const leafInBundle: Rule<ChainCase> = {
  name: "x509: the leaf is in the bundle",
  reason:
    "Go takes a leaf that is itself in the pool of roots without looking further. X509-SVID §5.1 asks for a path to an authority; a leaf is none.",
  fits: ({ code }, { chain: [leaf], bundles }) =>
    /^(UNTRUSTED|SIGNER_\w+|EXPIRED|NOT_YET_VALID|PATH_LEN|NAME_CONSTRAINT|UNKNOWN_CRITICAL|WEAK_\w+|UNSUPPORTED_KEY|WRONG_EKU)$/.test(
      code,
    ) &&
    leaf !== undefined &&
    Object.values(bundles).some((ders) => ders.some((der) => same(der, leaf))),
};

const lastSecond: Rule<ChainCase> = {
  name: "x509: the last second of validity",
  reason:
    "RFC 5280 §4.1.2.5: the period runs from notBefore through notAfter, inclusive, in whole seconds. Go ends at the first millisecond of the last second.",
  fits: ({ message }, { now }) => {
    const [, at, end] = /current time (\S+) is after (\S+)$/.exec(message) ?? [];
    return at !== undefined && at === end && now % 1000 !== 0;
  },
};

/** Disagreements about chains. */
export const chainRules: Rules<ChainCase> = {
  refused: [
    leafInBundle,
    coded(
      "x509: root path",
      /^ROOT_PATH$/,
      "X509-SVID §5.2: an ID without a path names a trust domain. go-spiffe looks when an SVID is loaded, not at Verify.",
    ),
    coded(
      "x509: no digitalSignature",
      /^LEAF_NO_DIGITAL_SIGNATURE$/,
      "X509-SVID §4.3: digitalSignature MUST be set, in a critical key usage. go-spiffe looks when an SVID is loaded, not at Verify.",
    ),
    coded(
      "x509: purposes",
      /^WRONG_EKU$/,
      "RFC 5280 §4.2.1.12: a certificate that names purposes is for those only. go-spiffe verifies for any.",
    ),
    coded("x509: RSA key size", /^WEAK_KEY$/, "Keys below 2,048 bits are not trusted; Go verifies with 1,024."),
    coded(
      "x509: kind of key",
      /^UNSUPPORTED_KEY$/,
      "Curves and algorithms beyond P-256, P-384, P-521, RSA and Ed25519 are not trusted; Go carries P-224 and keys that it does not know.",
    ),
    coded(
      "x509: size",
      /^TOO_LARGE$/,
      "A chain has at most 8 certificates and 64 KiB: a limit on what an unknown peer may ask for.",
    ),
    coded(
      "x509: limits of an ID",
      /^BAD_SPIFFE_ID$/,
      "SPIFFE-ID §2.3: 2,048 bytes, 255 of them for the trust domain; go-spiffe sets no limit.",
      /at most \d+ bytes/,
    ),
    coded(
      "x509: scheme in upper case",
      /^BAD_SPIFFE_ID$/,
      "The name is judged as it stands; Go's URL parser writes the scheme in lower case before go-spiffe sees it.",
      /begins with/,
    ),
    coded(
      "x509: URI before parsing",
      /^BAD_SPIFFE_ID$/,
      "The name is judged as it stands; Go's URL parser drops or rewrites parts (an empty fragment, escapes) before go-spiffe sees it.",
    ),
    coded(
      "x509: strict DER",
      /^(BUNDLE_)?MALFORMED(\/\w+)?$/,
      "X.690 and the modules of RFC 5280 to the letter: members too many, defaults spelled out, octets behind the end, empty names. Go skips what it does not read.",
    ),
    coded("x509: duplicate extension", /^(BUNDLE_)?MALFORMED\/DUPLICATE_EXTENSION$/, "RFC 5280 §4.2."),
    coded(
      "x509: constraints in a leaf",
      /^NAME_CONSTRAINT$/,
      "RFC 5280 §4.2.1.10: name constraints are for CAs only.",
      /a leaf has/,
    ),
    coded(
      "x509: weak signature",
      /^WEAK_SIGNATURE$/,
      "Signatures by algorithms that are unknown or written with parameters that are not theirs (RFC 5758 §3.2) count for nothing; Go overlooks the parameters.",
    ),
  ],
  accepted: [
    lastSecond,
    {
      name: "x509: an unusual string type in a name",
      reason:
        "Names are compared octet by octet and never shown as identity; Go refuses to read string types beyond its list.",
      fits: ({ message }) => /invalid RDNSequence: invalid attribute value/.test(message),
    },
    {
      name: "x509: a CA's name that is no URI",
      reason:
        "The URI name of a CA says nothing here: trust is by bundle, and constraints are on what is below. Go refuses to read it.",
      fits: ({ message }, { mutation }) =>
        /cannot parse URI|invalid URI|bad host/.test(message) && mutation.includes("structure"),
    },
    {
      name: "x509: an unreadable key beside the path",
      reason:
        "A certificate that is not part of the path is not judged; Go refuses the whole chain when it can't read the key of any.",
      fits: ({ message }) =>
        /unsupported elliptic curve|unknown public key algorithm|point (is )?not on curve|invalid elliptic curve public key/.test(
          message,
        ),
    },
  ],
};
