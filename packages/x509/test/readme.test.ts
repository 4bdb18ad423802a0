// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { Certificate, createRequest, verifyPath } from "../src/index.ts";
import { ecKeys, openAuthority } from "./authority.ts";
import { certify } from "./readme-example.ts";

it("the README's example is the one that is tested", () => {
  const [, ...lines] = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8").split("\n");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(lines.join("\n").replace("../src/index.ts", "@mayfly/x509").trimEnd());
});

it("the README's example certifies a key, and no key that is not proven", async () => {
  const { certificate, keys } = await openAuthority();
  const issuer = { certificate, key: keys.privateKey };
  const request = createRequest({ keys: ecKeys() });
  const leaf = Certificate.parse(certify(request, "spiffe://example.org/web", issuer));
  expect(verifyPath(leaf, [], [certificate], { now: new Date() })).toEqual([leaf, certificate]);
  const forged = Uint8Array.from(request);
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
  expect(() => certify(forged, "spiffe://example.org/web", issuer)).toThrow("does not hold the key");
});
