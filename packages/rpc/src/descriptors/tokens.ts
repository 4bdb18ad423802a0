// SPDX-License-Identifier: Apache-2.0

const pattern = /\s+|\/\/[^\n]*|"([^"\n]*)"|[A-Za-z_][A-Za-z0-9_.]*|-?\d+|[{}()<>=;,]/y;

/** The words of a .proto file, read one by one. Our own files are the input: what it does not know is a mistake there. */
export class Tokens {
  readonly #file: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(file: string, source: string) {
    this.#file = file;
    this.#tokens = split(file, source);
  }

  get done(): boolean {
    return this.#at === this.#tokens.length;
  }

  /** The next word without taking it; empty at the end. */
  get peek(): string {
    return this.#tokens[this.#at] ?? "";
  }

  take(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new SyntaxError(`${this.#file} ends too early`);
    return token;
  }

  takeIf(text: string): boolean {
    if (this.peek !== text) return false;
    this.#at++;
    return true;
  }

  expect(text: string): void {
    const found = this.take();
    if (found !== text)
      throw new SyntaxError(`${this.#file}: expected ${JSON.stringify(text)}, got ${JSON.stringify(found)}`);
  }

  number(): number {
    const found = Number(this.take());
    if (!Number.isInteger(found)) throw new SyntaxError(`${this.#file}: expected a number`);
    return found;
  }
}

function split(file: string, source: string): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < source.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match === null) throw new SyntaxError(`${file}: can't read ${JSON.stringify(source.slice(at, at + 20))}`);
    const [text, literal] = match;
    if (literal !== undefined) tokens.push(literal);
    else if (!/^(?:\s|\/\/)/.test(text)) tokens.push(text);
  }
  return tokens;
}
