// SPDX-License-Identifier: Apache-2.0
import { GatewayError } from "../errors.ts";

/**
 * Data of the server-sent events of a stream, as they come. Names, ids and comments are of no use here. (HTML, server-sent events.)
 * @throws {GatewayError} UPSTREAM_MALFORMED for bytes that are no UTF-8
 */
export async function* readEvents(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  let data: string[] = [];
  for await (const chunk of chunks) {
    const lines = (rest + decode(utf8, chunk)).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
      if (line !== "" || data.length === 0) continue;
      yield data.join("\n");
      data = [];
    }
  }
}

function decode(utf8: TextDecoder, chunk: Buffer): string {
  try {
    return utf8.decode(chunk, { stream: true });
  } catch (cause) {
    throw new GatewayError("UPSTREAM_MALFORMED", "the tool server's stream is not in UTF-8", { cause });
  }
}
