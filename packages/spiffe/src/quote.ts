// SPDX-License-Identifier: Apache-2.0

const maxQuoted = 80;

/** Untrusted text for a message: quoted, escaped and cut. */
export function quote(text: string): string {
  return text.length > maxQuoted ? `${JSON.stringify(text.slice(0, maxQuoted))}…` : JSON.stringify(text);
}
