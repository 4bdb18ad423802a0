// SPDX-License-Identifier: Apache-2.0

/** A message of PostgreSQL's protocol: type, length, body. */
function message(type: string, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(`${part}\0`) : part)));
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}

/** All that a server says between a good start-up message and the first statement. */
export function welcome(
  parameters: ReadonlyMap<string, string>,
  { processId, key }: { readonly processId: number; readonly key: number },
): Buffer {
  return Buffer.concat([
    message("R", int32(0)),
    ...[...parameters].map(([name, value]) => message("S", name, value)),
    message("K", int32(processId), int32(key)),
    message("Z", Buffer.from("I")),
  ]);
}

/** NegotiateProtocolVersion: 3.0, and none of the options that were asked for. */
export function onlyVersionThree(options: readonly string[]): Buffer {
  return message("v", int32(0), int32(options.length), ...options);
}

/** A FATAL error; `state` is an SQLSTATE. */
export function fatal(state: string, text: string): Buffer {
  return message("E", "SFATAL", "VFATAL", `C${state}`, `M${text}`, Buffer.alloc(1));
}
