// SPDX-License-Identifier: Apache-2.0

/** Data of the server-sent events of a stream, as they come. Names, ids and comments are of no use here. (HTML, server-sent events.) */
export async function* readEvents(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  let data: string[] = [];
  for await (const chunk of chunks) {
    const lines = (rest + utf8.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
      if (line !== "" || data.length === 0) continue;
      yield data.join("\n");
      data = [];
    }
  }
}
