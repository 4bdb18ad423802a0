// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SpiffeBundle, TrustDomain } from "../src/index.ts";
import { ecKeys, makeCa, makeLeaf, now } from "./certificate-maker.ts";
import { codeOf } from "./code-of.ts";
import { bearerName, peerName } from "./readme-example.ts";
import { makeToken } from "./token-maker.ts";

const sub = "spiffe://example.org/w";
const root = makeCa();
const keys = ecKeys();
const document = new SpiffeBundle({
  trustDomain: TrustDomain.parse("example.org"),
  x509Authorities: [root.certificate],
  jwtAuthorities: [{ keyId: "k1", publicKey: keys.publicKey }],
}).toJson();

it("the README's example is the one that is tested", () => {
  const example = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8")
    .split("\n")
    .slice(1)
    .join("\n");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8").replace(
    '"@mayfly/spiffe"',
    '"../src/index.ts"',
  );
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});

it("the example tells who a peer is", () => {
  const leaf = makeLeaf(root, { uris: [sub] });
  expect(peerName([leaf.certificate.der], document, now)).toBe(sub);
  expect(peerName([makeLeaf(makeCa(), { uris: [sub] }).certificate.der], document, now)).toBeUndefined();
});

it("the example tells who a token speaks for", () => {
  expect(bearerName(makeToken(keys, { claims: { sub } }), document, now)).toBe(sub);
  expect(codeOf(() => bearerName(makeToken(ecKeys(), { claims: { sub } }), document, now))).toBe("BAD_SIGNATURE");
});
