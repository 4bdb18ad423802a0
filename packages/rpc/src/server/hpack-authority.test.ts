// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameFilter } from "./frame-filter.ts";
import { replaceAuthoritySlashes } from "./hpack-authority.ts";

// RFC 7541 Appendix B, the characters of host names and paths: [code, length].
const codes = new Map<string, readonly [number, number]>(
  Object.entries({
    "%": [0x15, 6], "-": [0x16, 6], ".": [0x17, 6], "/": [0x18, 6], "0": [0x0, 5], "1": [0x1, 5], "2": [0x2, 5], "3": [0x19, 6],
    ":": [0x5c, 7], A: [0x21, 6], B: [0x5d, 7], X: [0xfc, 8], Z: [0xfd, 8], _: [0x22, 6], a: [0x3, 5], b: [0x23, 6], c: [0x4, 5],
    d: [0x24, 6], e: [0x5, 5], g: [0x26, 6], h: [0x27, 6], i: [0x6, 5], j: [0x74, 7], k: [0x75, 7], n: [0x2a, 6], o: [0x7, 5],
    q: [0x76, 7], r: [0x2c, 6], s: [0x8, 5], t: [0x9, 5], u: [0x2d, 6], y: [0x7a, 7], z: [0x7b, 7], "#": [0xffa, 12],
    "|": [0x7fc, 11], "~": [0x1ffd, 13], "!": [0x3f8, 10], "\\": [0x7fff0, 19], "\u0000": [0x1ff8, 13], "\u0001": [0x7fffd8, 23],
    "\u0016": [0x3ffffffe, 30], "\u00c3": [0x7fff1, 19], "\u00ff": [0x3ffffee, 26], "\u00cb": [0x7ffffde, 27],
  } as const satisfies Record<string, readonly [number, number]>),
); // biome-ignore format: a table

function huffman(text: string): Buffer {
  let bits = "";
  for (const character of text) {
    const [code, length] = codes.get(character) ?? expect.unreachable();
    bits += code.toString(2).padStart(length, "0");
  }
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
}

function literal(first: number, value: Buffer, coded: boolean): Buffer {
  const head = coded ? 0x80 : 0;
  // RFC 7541 §5.1: 127 and more goes on in another byte.
  const length = value.length < 127 ? [head | value.length] : [head | 127, value.length - 127];
  return Buffer.concat([Buffer.from([first, ...length]), value]);
}

const words = fc.string({ unit: fc.constantFrom(...codes.keys()), maxLength: 60 });

describe("replaceAuthoritySlashes", () => {
  it("knows the name in both spellings", () => {
    const name = huffman(":authority");
    expect(name.toString("hex")).toBe("b83b5339ec327d7f");
    const block = Buffer.concat([literal(0x40, name, true), Buffer.from([3]), Buffer.from("a/b")]);
    expect(replaceAuthoritySlashes(block)).toBe(true);
    expect(block.subarray(-3).toString()).toBe("a-b");
  });

  it("writes the code of the dash over that of the slash, and nothing else, whatever stands around", () => {
    fc.assert(
      fc.property(words, fc.constantFrom(0x41, 0x01, 0x11), (text, first) => {
        const block = literal(first, huffman(text), true);
        expect(replaceAuthoritySlashes(block)).toBe(text.includes("/"));
        expect(block).toEqual(literal(first, huffman(text.replaceAll("/", "-")), true));
      }),
    );
  });

  it("leaves other fields and indexed ones alone", () => {
    fc.assert(
      fc.property(words, words, (text, other) => {
        const path = literal(0x44, huffman(other), true);
        const before = Buffer.concat([Buffer.from([0x20 | 30, 0x83, 0xbe]), path]);
        const block = Buffer.concat([before, literal(0x41, huffman(text), true), path]);
        replaceAuthoritySlashes(block);
        const expected = literal(0x41, huffman(text.replaceAll("/", "-")), true);
        expect(block).toEqual(Buffer.concat([before, expected, path]));
      }),
    );
  });

  it("takes any bytes without throwing and without changing their number", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const block = Buffer.from(bytes);
        replaceAuthoritySlashes(block);
        expect(block).toHaveLength(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });
});

function frame(type: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, payload.length >> 8, payload.length & 0xff, type, 4, 0, 0, 0, 1]), payload]);
}

describe("FrameFilter", () => {
  const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  const slashed = frame(1, literal(0x41, Buffer.from("/run/x"), false));
  const dashed = frame(1, literal(0x41, Buffer.from("-run-x"), false));
  const piece = fc.oneof(
    fc.constant({ given: slashed, expected: dashed }),
    fc
      .tuple(fc.constantFrom(0, 3, 4, 6, 8), fc.uint8Array({ maxLength: 40 }))
      .map(([type, bytes]) => ({ given: frame(type, Buffer.from(bytes)), expected: frame(type, Buffer.from(bytes)) })),
  );

  it("gives the same bytes however they are cut, and holds no complete frame back", () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (pieces, cuts) => {
          const given = Buffer.concat([preface, ...pieces.map((each) => each.given)]);
          const filter = new FrameFilter();
          const out: Buffer[] = [];
          for (let at = 0, index = 0; at < given.length; index++) {
            const end = at + (cuts[index % cuts.length] ?? 1);
            // A copy: what goes in is changed in place.
            out.push(filter.push(Buffer.from(given.subarray(at, end))));
            at = end;
          }
          expect(Buffer.concat(out)).toEqual(Buffer.concat([preface, ...pieces.map((each) => each.expected)]));
        },
      ),
    );
  });

  it("passes everything on, untouched, from a frame that is too large", () => {
    const filter = new FrameFilter();
    const large = Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 1, 4, 0, 0, 0, 1]), Buffer.alloc(100)]);
    const rest = Buffer.concat([large, slashed]);
    expect(filter.push(Buffer.concat([preface, rest]))).toEqual(Buffer.concat([preface, rest]));
    expect(filter.push(Buffer.from(slashed))).toEqual(slashed);
  });

  it("takes any bytes without throwing, and gives them all or waits for the rest of one frame", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }), (chunks) => {
        const filter = new FrameFilter();
        let given = 0;
        let got = 0;
        for (const chunk of chunks) {
          given += chunk.length;
          got += filter.push(Buffer.from(chunk)).length;
        }
        expect(got).toBeLessThanOrEqual(given);
        expect(given - got).toBeLessThan(16_384 + 9);
      }),
    );
  });
});
