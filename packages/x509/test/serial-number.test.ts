// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { Certificate, LeafWriter, randomSerialNumber } from "../src/index.ts";
import { ecKeys, leafFields, openAuthority, spkiOf } from "./authority.ts";

it("ISS-D01: a million serial numbers are distinct, positive and of 16 octets; every bit below the first two is random", () => {
  const seen = new Set<string>();
  const ones = new Uint32Array(128);
  const count = 1_000_000;
  for (let i = 0; i < count; i += 1) {
    const octets = randomSerialNumber();
    seen.add(Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("latin1"));
    if (i % 50 !== 0) continue;
    expect([octets.length, (octets[0] ?? 0) >> 6]).toEqual([16, 1]);
    for (let bit = 0; bit < 128; bit += 1)
      if (((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0) ones[bit] = (ones[bit] ?? 0) + 1;
  }
  expect(seen.size).toBe(count);
  // 20,000 throws of a coin: 6 standard deviations are 424.
  for (const often of ones.subarray(2)) expect(Math.abs(often - 10_000)).toBeLessThan(424);
});

it("ISS-D01: serial numbers are written as minimal positive INTEGERs of at most 20 octets, and read back", async () => {
  const authority = await openAuthority();
  const writer = new LeafWriter(authority);
  const spki = spkiOf(ecKeys());
  const signature = new Uint8Array(70).fill(1);
  const written = (serialNumber: Uint8Array): bigint =>
    Certificate.parse(writer.certificate(writer.tbs(leafFields(spki, { serialNumber })), signature)).serialNumber;
  for (let i = 0; i < 1000; i += 1) {
    const octets = randomSerialNumber();
    expect(written(octets)).toBe(BigInt(`0x${Buffer.from(octets).toString("hex")}`));
  }
  expect(written(Uint8Array.of(0, 0, 0x80))).toBe(128n);
  expect(written(new Uint8Array(19).fill(0xff))).toBe((1n << 152n) - 1n);
  for (const refused of [
    new Uint8Array(),
    new Uint8Array(4),
    new Uint8Array(20).fill(0xff),
    new Uint8Array(21).fill(1),
  ]) {
    expect(() => written(refused)).toThrow(RangeError);
  }
});
