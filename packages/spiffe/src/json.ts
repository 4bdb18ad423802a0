// SPDX-License-Identifier: Apache-2.0

/** Text that is not the JSON that is accepted. Internal: each parser turns it into its own error. */
export class JsonError extends Error {
  /** Set when a member's name appeared twice: the names that lead to it, its own last. */
  readonly duplicate: string[] | undefined;

  constructor(message: string, duplicate?: string[]) {
    super(message);
    this.name = "JsonError";
    this.duplicate = duplicate;
  }
}

/** A JSON object as read: own members only, whatever their names. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** How `parseJson` reads. */
export interface JsonOptions {
  /** Integers that a number can't hold exactly become bigint; default false: they become the nearest number. */
  readonly bigints?: boolean | undefined;
}

const maxDepth = 32;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const numberPattern = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const literals: readonly (readonly [string, unknown])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

/**
 * RFC 8259 and stricter, as far as JSON.parse is not: no member twice, at most 32 levels, no lone surrogates, no number beyond a double.
 * @throws {JsonError}
 */
export function parseJson(text: string, options: JsonOptions = {}): unknown {
  const reader = new JsonReader(text, options.bigints === true);
  const value = reader.value(0);
  reader.end();
  return value;
}

/** UTF-8 text of bytes: no BOM, nothing replaced. @throws {JsonError} */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new JsonError("the text is not UTF-8");
  }
}

/** Whether a JSON value is an object: neither array nor null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

class JsonReader {
  readonly #text: string;
  readonly #bigints: boolean;
  #at = 0;

  constructor(text: string, bigints: boolean) {
    this.#text = text;
    this.#bigints = bigints;
  }

  value(depth: number): unknown {
    this.#space();
    const first = this.#text[this.#at];
    if (first === "{" || first === "[") {
      if (depth >= maxDepth) throw new JsonError(`more than ${maxDepth} levels`);
      return first === "{" ? this.#object(depth + 1) : this.#array(depth + 1);
    }
    if (first === '"') return this.#string();
    for (const [word, value] of literals) if (this.#take(word)) return value;
    return this.#number();
  }

  end(): void {
    this.#space();
    if (this.#at !== this.#text.length) throw this.#unexpected();
  }

  #object(depth: number): JsonObject {
    const members = new Map<string, unknown>();
    this.#list("}", () => {
      const name = this.#string();
      if (members.has(name)) throw new JsonError(`member ${JSON.stringify(name.slice(0, 80))} appears twice`, [name]);
      this.#space();
      if (!this.#take(":")) throw this.#unexpected();
      members.set(name, this.#within(name, depth));
    });
    // fromEntries makes own members of all names, "__proto__" too.
    return Object.fromEntries(members);
  }

  /** A member's value; a duplicate below is reported with the whole way to it. */
  #within(name: string, depth: number): unknown {
    try {
      return this.value(depth);
    } catch (error) {
      if (error instanceof JsonError) error.duplicate?.unshift(name);
      throw error;
    }
  }

  #array(depth: number): unknown[] {
    const items: unknown[] = [];
    this.#list("]", () => items.push(this.value(depth)));
    return items;
  }

  /** Items with commas between them up to `close`; stands at the opening bracket. */
  #list(close: string, item: () => void): void {
    this.#at++;
    this.#space();
    if (this.#take(close)) return;
    do {
      this.#space();
      item();
      this.#space();
    } while (this.#take(","));
    if (!this.#take(close)) throw this.#unexpected();
  }

  #string(): string {
    if (this.#text[this.#at] !== '"') throw this.#unexpected();
    const start = this.#at;
    let hasEscapes = false;
    for (this.#at++; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x22) break;
      // RFC 8259 §7: control characters are escaped. NaN is the end of the text.
      if (!(code >= 0x20)) throw this.#unexpected();
      if (code !== 0x5c) continue;
      hasEscapes = true;
      this.#at++;
    }
    const source = this.#text.slice(start, ++this.#at);
    const text = hasEscapes ? unescape(source) : source.slice(1, -1);
    if (!text.isWellFormed()) throw new JsonError("a lone surrogate");
    return text;
  }

  #number(): number | bigint {
    numberPattern.lastIndex = this.#at;
    const match = numberPattern.exec(this.#text);
    if (match === null) throw this.#unexpected();
    this.#at = numberPattern.lastIndex;
    const number = Number(match[0]);
    if (!Number.isFinite(number)) throw new JsonError("a number is too large");
    const isInteger = match[1] === undefined && match[2] === undefined;
    return this.#bigints && isInteger && !Number.isSafeInteger(number) ? BigInt(match[0]) : number;
  }

  #take(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #space(): void {
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  #unexpected(): JsonError {
    return new JsonError(`not JSON at character ${this.#at}`);
  }
}

function unescape(source: string): string {
  try {
    return String(JSON.parse(source));
  } catch {
    throw new JsonError("a string has an escape that JSON does not know");
  }
}
