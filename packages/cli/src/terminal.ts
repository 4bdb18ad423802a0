// SPDX-License-Identifier: Apache-2.0
import { styleText } from "node:util";

/** Emphasis of text on a terminal. */
export type Emphasis = "bold" | "dim" | "green" | "red" | "yellow" | "cyan";

/** The text with emphasis where stdout is a terminal that shows colour (`NO_COLOR` respected), else as it is. */
export function emphasis(text: string, how: Emphasis | readonly Emphasis[]): string {
  return styleText(typeof how === "string" ? how : [...how], text, { stream: process.stdout, validateStream: true });
}
