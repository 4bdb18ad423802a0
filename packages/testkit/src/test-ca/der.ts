// SPDX-License-Identifier: Apache-2.0

// A plain DER writer, apart from the one in x509 on purpose: what tests feed to x509 is not made by x509.

/** One TLV around the parts. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const octets: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256);
  const header = length < 128 ? [tag, length] : [tag, 128 + octets.length, ...octets];
  return new Uint8Array(Buffer.concat([Uint8Array.from(header), ...parts]));
}

/** SEQUENCE. */
export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tlv(0x30, ...parts);
}

/** OBJECT IDENTIFIER from dotted text. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const base128 = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) base128.unshift(128 + (left % 128));
    return base128;
  });
  return tlv(0x06, Uint8Array.from(octets));
}

/** Non-negative INTEGER from big-endian octets. */
export function integer(octets: Uint8Array): Uint8Array {
  const first = octets.findIndex((octet) => octet !== 0);
  const value = first < 0 ? Uint8Array.of(0) : octets.subarray(first);
  return (value[0] ?? 0) < 128 ? tlv(0x02, value) : tlv(0x02, Uint8Array.of(0), value);
}

/** BIT STRING; `unused` bits at the end. */
export function bitString(octets: Uint8Array, unused = 0): Uint8Array {
  return tlv(0x03, Uint8Array.of(unused), octets);
}

/** OCTET STRING. */
export function octetString(octets: Uint8Array): Uint8Array {
  return tlv(0x04, octets);
}

/** UTCTime until 2049, GeneralizedTime after (RFC 5280 §4.1.2.5), to the second. */
export function time(date: Date): Uint8Array {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  const isUtcTime = date.getUTCFullYear() < 2050;
  return tlv(isUtcTime ? 0x17 : 0x18, Buffer.from(isUtcTime ? digits.slice(2) : digits, "latin1"));
}
