// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from "node:stream";
import { LeaseError } from "../errors.ts";
import type { ByteReader } from "./byte-reader.ts";

/** A start-up message (PostgreSQL, Frontend/Backend Protocol §55.2.1). */
export interface Startup {
  readonly minorVersion: number;
  readonly parameters: ReadonlyMap<string, string>;
}

const maxPacketBytes = 10_000;
const [cancelRequest, sslRequest, gssRequest] = [80_877_102, 80_877_103, 80_877_104];
const majorVersion = 3;

/**
 * Reads the start-up message; encryption that is asked for inside the mTLS connection is declined.
 * @throws {LeaseError} BAD_REQUEST also for a cancel request, which has its own place
 */
export async function readStartup(reader: ByteReader, stream: Duplex): Promise<Startup> {
  for (let declined = 0; declined <= 2; declined++) {
    const length = (await reader.bytes(4)).readUInt32BE();
    if (length < 8 || length > maxPacketBytes) throw bad("no start-up message");
    const packet = await reader.bytes(length - 4);
    const version = packet.readUInt32BE();
    if (version === sslRequest || version === gssRequest) {
      if (length !== 8) throw bad("no start-up message");
      stream.write("N");
      continue;
    }
    if (version === cancelRequest || version >>> 16 !== majorVersion) throw bad("only protocol 3 is spoken here");
    return { minorVersion: version & 0xffff, parameters: parametersOf(packet.subarray(4)) };
  }
  throw bad("encryption was declined");
}

function parametersOf(bytes: Buffer): ReadonlyMap<string, string> {
  const parts = bytes.toString("utf8").split("\0");
  // Pairs, an empty name, and what follows the last NUL: nothing.
  if (parts.length % 2 !== 0 || parts.at(-1) !== "" || parts.at(-2) !== "") throw bad("no start-up message");
  const names = parts.slice(0, -2);
  const parameters = new Map<string, string>();
  for (let index = 0; index < names.length; index += 2) {
    const [name = "", value = ""] = names.slice(index, index + 2);
    if (name === "" || parameters.has(name)) throw bad("no start-up message");
    parameters.set(name, value);
  }
  return parameters;
}

function bad(message: string): LeaseError {
  return new LeaseError("BAD_REQUEST", message);
}
