// SPDX-License-Identifier: Apache-2.0
import type { LogLevel } from "./logger.ts";

/** What can stand without quotes. */
const bare = /^[\w./:@%+,-]+$/;
/** Controls that JSON leaves as they are and a terminal may obey: DEL, C1, line separators, changes of direction. */
// oxlint-disable-next-line no-control-regex -- these are what it is for
const dangerous = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** One line for people: instant, level, event, then `name=value`, values quoted as JSON where they are not plain words. Ends with a newline and holds no other control character. */
export function textLine(at: Date, level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>): string {
  const words = [at.toISOString(), level.toUpperCase().padEnd(5), word(event)];
  for (const [name, value] of Object.entries(fields)) words.push(`${word(name)}=${word(value)}`);
  return `${words.join(" ")}\n`;
}

function word(value: unknown): string {
  if (typeof value === "string" && bare.test(value)) return value;
  return (JSON.stringify(value) ?? "null").replace(
    dangerous,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
