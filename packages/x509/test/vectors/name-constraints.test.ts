// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { Certificate, verifyPath } from "../../src/index.ts";
import { OID } from "../../src/oid.ts";
import { describeVectors, verdictOf } from "./describe-vectors.ts";

interface Subtrees {
  readonly permitted: readonly string[] | null;
  readonly excluded: readonly string[] | null;
}

/** A case of Go's crypto/x509: base64 of DER, names as "kind:value". */
interface ConstraintCase {
  readonly id: string;
  readonly roots: readonly string[];
  readonly intermediates: readonly string[] | null;
  readonly leaf: string;
  readonly validation_time: string;
  /** Numbers of Go's ExtKeyUsage, any of which will do; null: serverAuth. */
  readonly requested_ekus_go: readonly number[] | null;
  readonly expected_result: "SUCCESS" | "FAILURE";
  readonly leaf_sans: readonly string[];
  readonly constraints: readonly Subtrees[];
}

// Where we decide otherwise than Go, and why. A case that is not listed must agree, one that is listed must not.
const unknownKind =
  "a GeneralName with a tag that RFC 5280 does not have is malformed, and a malformed certificate is refused";
const deviations: Readonly<Record<string, string>> = {
  "go-nc::28": unknownKind,
  "go-nc::29": unknownKind,
  "go-nc::38": unknownKind,
  "go-nc::39": unknownKind,
};

const purposes: Readonly<Record<number, string>> = {
  1: OID.serverAuth,
  2: OID.clientAuth,
  4: "1.3.6.1.5.5.7.3.4",
};
const certificate = (text: string): Certificate => Certificate.parse(Buffer.from(text, "base64"));

function judge(one: ConstraintCase): boolean {
  const verdict = (purpose: number): string =>
    verdictOf(() =>
      verifyPath(certificate(one.leaf), (one.intermediates ?? []).map(certificate), one.roots.map(certificate), {
        now: new Date(one.validation_time),
        eku: purposes[purpose],
        // DNS subtrees begin with a period in many of them.
        strict: false,
      }),
    );
  return (one.requested_ekus_go ?? [1]).some((purpose) => verdict(purpose) === "ok");
}

function hasUri({ leaf_sans, constraints }: ConstraintCase): boolean {
  const names = [
    ...leaf_sans,
    ...constraints.flatMap(({ permitted, excluded }) => [...(permitted ?? []), ...(excluded ?? [])]),
  ];
  return names.some((name) => name.startsWith("uri:"));
}

describeVectors("name constraints of Go's crypto/x509", "go-nameconstraints.json", (json) => {
  const { testcases } = JSON.parse(json) as { readonly testcases: readonly ConstraintCase[] };
  const judged = testcases.map((one) => {
    const isAccepted = judge(one);
    return { ...one, isAccepted, isRight: isAccepted === (one.expected_result === "SUCCESS") };
  });
  const right = judged.filter(({ isRight }) => isRight).length;

  it(`MTL-D13 X509-16 decides ${right} of ${judged.length} in the same way, and the others where it is listed`, () => {
    expect(judged.filter(({ isRight }) => !isRight).map(({ id }) => id)).toEqual(Object.keys(deviations));
    expect(judged).toHaveLength(85);
  });

  it("MTL-D13 accepts none that Go refuses", () => {
    expect(judged.filter(({ isAccepted, isRight }) => isAccepted && !isRight)).toEqual([]);
  });

  const uris = judged.filter(hasUri);

  it.each(uris)("MTL-D13 URI: $id is $expected_result", ({ isRight }) => {
    expect(isRight).toBe(true);
  });

  it("has 13 cases with URIs", () => {
    expect(uris).toHaveLength(13);
  });
});
