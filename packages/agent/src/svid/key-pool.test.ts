// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { KeyPool } from "./key-pool.ts";

it("X509-10 workloads get keys on P-256, each its own, made ahead or not", async () => {
  const pool = new KeyPool(2);
  const taken = [pool.take()];
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (let count = 0; count < 4; count += 1) taken.push(pool.take());
  for (const { publicKey, privateKey } of taken) {
    expect([publicKey.asymmetricKeyType, publicKey.asymmetricKeyDetails?.namedCurve]).toEqual(["ec", "prime256v1"]);
    expect(privateKey.asymmetricKeyType).toBe("ec");
  }
  const seen = new Set(taken.map(({ publicKey }) => publicKey.export({ format: "jwk" }).x));
  expect(seen.size).toBe(taken.length);
});
