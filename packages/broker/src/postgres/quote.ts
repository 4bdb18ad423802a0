// SPDX-License-Identifier: Apache-2.0

/** An SQL identifier, quoted: whatever is in it, it names one thing. @throws {RangeError} empty, with NUL, or over 63 bytes, where PostgreSQL cuts */
export function quoteIdentifier(name: string): string {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0 || bytes > 63 || name.includes("\0"))
    throw new RangeError("an SQL identifier has 1 to 63 bytes, none NUL");
  return `"${name.replaceAll('"', '""')}"`;
}

/** An SQL string literal, quoted the same under either setting of standard_conforming_strings. @throws {RangeError} with NUL */
export function quoteLiteral(text: string): string {
  if (text.includes("\0")) throw new RangeError("an SQL literal has no NUL");
  const quoted = `'${text.replaceAll("'", "''").replaceAll("\\", "\\\\")}'`;
  return text.includes("\\") ? `E${quoted}` : quoted;
}
