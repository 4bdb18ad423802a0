// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AttestationError } from "../../errors.ts";
import { encodeEnrolment, type Enrolment, parseEnrolment } from "./enrolment.ts";

const visible = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength,
  });
const pin = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("hex"));
const enrolments: fc.Arbitrary<Enrolment> = fc.record({
  serverAddress: visible(60),
  trustDomain: visible(60),
  pins: fc.array(pin, { minLength: 1, maxLength: 8 }),
  token: visible(64),
  agentPath: visible(64),
});

const example: Enrolment = {
  serverAddress: "ca.example.org:8081",
  trustDomain: "example.org",
  pins: ["ab".repeat(32)],
  token: "c2VjcmV0LXRva2Vu",
  agentPath: "/join_token/5b5b0b1e-2f3c-4d5e-8f90-a1b2c3d4e5f6",
};

function refusal(text: string): AttestationError {
  try {
    parseEnrolment(text);
  } catch (error) {
    if (error instanceof AttestationError) return error;
    throw error;
  }
  throw new Error("accepted");
}

describe("an enrolment string", () => {
  it("reads back what was written, whatever it holds", () => {
    fc.assert(
      fc.property(enrolments, (each) => {
        expect(parseEnrolment(encodeEnrolment(each))).toEqual(each);
      }),
    );
  });

  it("is one word that a double click selects", () => {
    fc.assert(
      fc.property(enrolments, (each) => {
        expect(encodeEnrolment(each)).toMatch(/^mayfly1_[A-Za-z0-9_-]+$/);
      }),
    );
  });

  it("survives line breaks and blanks of mails and terminals", () => {
    const text = encodeEnrolment(example).replaceAll(/.{40}/g, "$&\n  ");
    expect(parseEnrolment(`\t${text} \r\n`)).toEqual(example);
  });

  it("is refused when one character is lost or changed", () => {
    const text = encodeEnrolment(example);
    for (let at = 0; at < text.length; at++) {
      expect(refusal(text.slice(0, at) + text.slice(at + 1)).code).toBe("ENROLMENT_MALFORMED");
      const other = text[at] === "A" ? "B" : "A";
      expect(refusal(text.slice(0, at) + other + text.slice(at + 1)).code).toBe("ENROLMENT_MALFORMED");
    }
  });

  it("is never repeated by the error", () => {
    const text = encodeEnrolment(example);
    const { message } = refusal(`${text.slice(0, -1)}x`);
    expect(message).not.toContain(text.slice(8, 20));
    expect(message).not.toContain(example.token);
  });

  it("gives nothing but its own error for any text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => `mayfly1_${text}`),
        ),
        (text) => {
          expect(refusal(text).code).toBe("ENROLMENT_MALFORMED");
        },
      ),
    );
    expect(refusal("mayfly1_".padEnd(5000, "A")).code).toBe("ENROLMENT_MALFORMED");
  });

  it("is not written without a pin or with a field that does not fit", () => {
    expect(() => encodeEnrolment({ ...example, pins: [] })).toThrow(RangeError);
    expect(() => encodeEnrolment({ ...example, pins: ["AB".repeat(32)] })).toThrow(RangeError);
    expect(() => encodeEnrolment({ ...example, token: "two words" })).toThrow(RangeError);
    expect(() => encodeEnrolment({ ...example, agentPath: "x".repeat(256) })).toThrow(RangeError);
  });
});
