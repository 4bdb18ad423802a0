// SPDX-License-Identifier: Apache-2.0

/** Reads the SSH wire encoding (RFC 4251 §5). Every method throws RangeError when the bytes end early. */
export class SshReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  bytes(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("the bytes end early");
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE();
  }

  string(): Buffer {
    return this.bytes(this.uint32());
  }

  /** As text; bytes that are no ASCII become characters that equal no name. */
  name(): string {
    return this.string().toString("latin1");
  }

  /** Throws RangeError when something is left. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError("bytes are left over");
  }
}

/** `string` of RFC 4251 §5: length and bytes. */
export function sshString(bytes: Uint8Array | string): Buffer {
  const content = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}
