// SPDX-License-Identifier: Apache-2.0

/** One attested property of a node or a process, such as `{ type: "unix", value: "uid:1000" }`. Compared byte for byte, never as a pattern. */
export interface Selector {
  /** Attestor type: non-empty, without a colon. */
  readonly type: string;
  /** Non-empty; may contain colons. */
  readonly value: string;
}

/** The text form `type:value`. As types have no colon, it is unambiguous. */
export function formatSelector({ type, value }: Selector): string {
  return `${type}:${value}`;
}
