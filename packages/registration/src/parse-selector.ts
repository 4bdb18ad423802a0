// SPDX-License-Identifier: Apache-2.0
import { RegistrationError, type RegistrationErrorCode } from "./errors.ts";
import type { Selector } from "./selector.ts";

const maxSelectorBytes = 4096;

/** Reads `type:value`, split at the first colon; the rest is taken literally. @throws {RegistrationError} SELECTOR_… */
export function parseSelector(text: string): Selector {
  if (Buffer.byteLength(text) > maxSelectorBytes) {
    throw new RegistrationError("SELECTOR_TOO_LONG", `a selector has at most ${String(maxSelectorBytes)} bytes`);
  }
  const refuse = (code: RegistrationErrorCode, expected: string): RegistrationError =>
    new RegistrationError(code, `expected ${expected}, such as unix:uid:1000, got ${JSON.stringify(text)}`);
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) throw refuse("SELECTOR_BAD_CHARACTER", "a selector in plain text");
  const colon = text.indexOf(":");
  if (colon === -1) throw refuse("SELECTOR_NO_COLON", "a type, a colon and a value");
  if (colon === 0) throw refuse("SELECTOR_NO_TYPE", "a type before the colon");
  if (colon === text.length - 1) throw refuse("SELECTOR_NO_VALUE", "a value after the colon");
  return { type: text.slice(0, colon), value: text.slice(colon + 1) };
}
