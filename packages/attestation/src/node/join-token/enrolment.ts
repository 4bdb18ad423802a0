// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { Certificate } from "@mayfly/x509";
import { AttestationError } from "../../errors.ts";

/** Everything that an agent needs to start, in one secret string. */
export interface Enrolment {
  /** `host:port` as the agent reaches it. */
  readonly serverAddress: string;
  /** Name of the trust domain, `example.org`. */
  readonly trustDomain: string;
  /** What `pinOf` gives for each X.509 authority that may sign the server's certificate: 1 to 8, SHA-256, lower-case hex. */
  readonly pins: readonly string[];
  /** The join token. Secret. */
  readonly token: string;
  /** Path of the agent's ID below `/spire/agent`, such as `/join_token/<uuid>`. */
  readonly agentPath: string;
}

const prefix = "mayfly1_";
const maxTextLength = 2048;
const maxPins = 8;
const pinBytes = 32;
const checksumBytes = 4;

/** SHA-256 of an authority's SubjectPublicKeyInfo, lower-case hex. */
export function pinOf(authority: Certificate): string {
  return createHash("sha256").update(authority.spki).digest("hex");
}

/**
 * Writes an enrolment string: `mayfly1_` and base64url (RFC 4648 §5, no padding) of the fields, each behind its length in one octet, and
 * four octets of checksum. One word of letters, digits, `-` and `_`: a double click selects it whole. It is as secret as its token.
 * @throws {RangeError} for a field that does not fit
 */
export function encodeEnrolment({ serverAddress, trustDomain, pins, token, agentPath }: Enrolment): string {
  if (pins.length === 0 || pins.length > maxPins) throw new RangeError(`an enrolment string has 1 to ${maxPins} pins`);
  const keys = Buffer.concat(pins.map(pinOctets));
  const texts = [serverAddress, trustDomain, token, agentPath].map(textField);
  const body = Buffer.concat([Uint8Array.of(pins.length), keys, ...texts]);
  return prefix + Buffer.concat([body, checksum(body)]).toString("base64url");
}

/**
 * Reads an enrolment string; white space around it and line breaks inside are dropped, for people copy it from mails and terminals.
 * @throws {AttestationError} ENROLMENT_MALFORMED; the message never repeats the text
 */
export function parseEnrolment(text: string): Enrolment {
  if (text.length > maxTextLength) throw malformed("it is too long");
  const word = text.replaceAll(/\s+/g, "");
  if (!word.startsWith(prefix)) throw malformed(`it does not begin with ${prefix}`);
  const encoded = word.slice(prefix.length);
  const bytes = Buffer.from(encoded, "base64url");
  if (bytes.toString("base64url") !== encoded || bytes.length <= checksumBytes) throw malformed("a part is missing");
  const body = bytes.subarray(0, -checksumBytes);
  if (!checksum(body).equals(bytes.subarray(-checksumBytes))) throw malformed("its checksum does not fit");
  return readBody(body);
}

function readBody(body: Buffer): Enrolment {
  const count = body[0] ?? 0;
  if (count === 0 || count > maxPins) throw malformed("it has no usable pin");
  let at = 1;
  const take = (length: number): Buffer => {
    if (at + length > body.length) throw malformed("a part is missing");
    at += length;
    return body.subarray(at - length, at);
  };
  const pins = Array.from({ length: count }, () => take(pinBytes).toString("hex"));
  const text = (): string => {
    const field = take(take(1)[0] ?? 0);
    if (field.length === 0 || field.some((octet) => octet < 0x21 || octet > 0x7e))
      throw malformed("a part is not text");
    return field.toString("latin1");
  };
  const [serverAddress, trustDomain, token, agentPath] = [text(), text(), text(), text()];
  if (at !== body.length) throw malformed("something follows its last part");
  return { serverAddress, trustDomain, pins, token, agentPath };
}

function checksum(body: Uint8Array): Buffer {
  return createHash("sha256").update(prefix).update(body).digest().subarray(0, checksumBytes);
}

function pinOctets(pin: string): Buffer {
  if (!/^[0-9a-f]{64}$/.test(pin)) throw new RangeError("a pin is SHA-256 in lower-case hex");
  return Buffer.from(pin, "hex");
}

function textField(text: string): Buffer {
  if (!/^[!-~]{1,255}$/.test(text))
    throw new RangeError("a field of an enrolment string is 1 to 255 visible ASCII characters");
  return Buffer.concat([Uint8Array.of(text.length), Buffer.from(text, "latin1")]);
}

function malformed(problem: string): AttestationError {
  return new AttestationError("ENROLMENT_MALFORMED", `this is not an intact enrolment string: ${problem}`);
}
