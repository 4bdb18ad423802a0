// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { type Certificate, verifyPath } from "../src/index.ts";
import { certify, now, party, type Party } from "./chains.ts";
import { codeOf } from "./revocation-lists.ts";

// Five authorities, two of them of one name, as in a rotation.
const authorities: readonly Party[] = [party("A"), party("A"), party("B"), party("C"), party("D")];
const leafParty = party("L");
const second = 1_000;

/** A certificate in words: which authority certifies which, and how. */
interface Edge {
  readonly issuer: number;
  readonly subject: number;
  readonly pathLength: number | undefined;
  readonly defect: "none" | "expired" | "no CA" | "no keyCertSign";
}

const index = fc.nat({ max: authorities.length - 1 });
const edge: fc.Arbitrary<Edge> = fc.record({
  issuer: index,
  subject: index,
  pathLength: fc.option(fc.nat({ max: 2 }), { nil: undefined, freq: 2 }),
  defect: fc.constantFrom("none", "none", "none", "none", "expired", "no CA", "no keyCertSign"),
});

function write({ issuer, subject, pathLength, defect }: Edge): Certificate {
  const [by, of] = [authorities[issuer] ?? leafParty, authorities[subject] ?? leafParty];
  return certify(of, by, {
    ca: defect !== "no CA",
    ...(pathLength === undefined || defect === "no CA" ? {} : { pathLength }),
    ...(defect === "no keyCertSign" ? { keyUsage: "03020102" } : {}),
    ...(defect === "expired" ? { notAfter: new Date(now.getTime() - second) } : {}),
  });
}

/**
 * Whether a path exists, by trying all of them on the words alone: `seen` ends with who has signed what is below, and `below` CAs that
 * count for path lengths stand between it and the leaf. A path that comes by an authority twice is never better than one that does not.
 */
function isReachable(
  seen: readonly number[],
  below: number,
  shown: { readonly edges: readonly Edge[]; readonly anchors: readonly Edge[] },
): boolean {
  const at = seen.at(-1) ?? 0;
  const holds = ({ subject, defect, pathLength }: Edge): boolean =>
    subject === at && defect === "none" && below <= (pathLength ?? below);
  if (shown.anchors.some(holds)) return true;
  return shown.edges.filter(holds).some(({ issuer }) => {
    const isSelfIssued = authorities[issuer]?.name === authorities[at]?.name;
    return !seen.includes(issuer) && isReachable([...seen, issuer], below + (isSelfIssued ? 0 : 1), shown);
  });
}

it("X509-27 P16 P17 P20 finds a path exactly when there is one, whatever else is shown", () => {
  let found = 0;
  fc.assert(
    fc.property(
      index,
      fc.array(edge, { maxLength: 14 }),
      fc.array(edge, { minLength: 1, maxLength: 3 }),
      (signer, edges, anchors) => {
        const by = authorities[signer] ?? leafParty;
        const leaf = certify(leafParty, by);
        const [others, trusted] = [edges.map(write), anchors.map(write)];
        const expected = isReachable([signer], 0, { edges, anchors });
        if (expected) found += 1;
        expect(codeOf(() => verifyPath(leaf, others, trusted, { now })) === "ok").toBe(expected);
      },
    ),
    { numRuns: 600 },
  );
  expect(found).toBeGreaterThan(50);
});
