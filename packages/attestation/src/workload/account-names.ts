// SPDX-License-Identifier: Apache-2.0
import { readFile, stat } from "node:fs/promises";

const maxFileBytes = 8_388_608;
/** A change is seen this late at most. */
const recheckMs = 1000;

/** Names by number from a file in the format of passwd(5) or group(5), read again when the file changed. */
export class AccountNames {
  readonly #path: string;
  #version = "";
  #checkedAt = Number.NEGATIVE_INFINITY;
  #names: ReadonlyMap<number, string> = new Map();

  constructor(path: string) {
    this.#path = path;
  }

  /** The names as the file gives them, or gave them a second ago; the first line of a number counts. Empty when the file can't be read. */
  async current(): Promise<ReadonlyMap<number, string>> {
    const now = performance.now();
    if (now - this.#checkedAt < recheckMs) return this.#names;
    const file = await stat(this.#path, { bigint: true }).catch(() => undefined);
    if (file === undefined || file.size > maxFileBytes) return new Map();
    const version = [file.ino, file.size, file.mtimeNs, file.ctimeNs].join(":");
    if (version !== this.#version) {
      this.#names = parseNames(await readFile(this.#path, "utf8"));
      this.#version = version;
    }
    this.#checkedAt = now;
    return this.#names;
  }
}

function parseNames(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [name, , number] = line.split(":");
    if (!name || name.startsWith("#") || number === undefined || !/^\d+$/.test(number)) continue;
    if (!names.has(Number(number))) names.set(Number(number), name);
  }
  return names;
}
