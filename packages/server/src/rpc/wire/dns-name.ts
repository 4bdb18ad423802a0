// SPDX-License-Identifier: Apache-2.0
import { WireError } from "./refusal.ts";

/** RFC 1035 §2.3.4 in text form, without the trailing dot. */
const maxNameLength = 253;
const maxLabelLength = 63;

function invalidLabel(label: string): WireError {
  return new WireError(`idna error\nidna: invalid label ${JSON.stringify(label)}`);
}

function checkWildcards(name: string): string {
  const stars = name.split("*").length - 1;
  if (stars === 0) return name;
  if (stars > 1) throw new WireError("too many wildcards");
  if (!name.startsWith("*.")) throw new WireError("wildcard must be first label");
  return name.slice(2);
}

/** Checks a DNS name for a SAN. Inner spaces, underscores and upper case pass as they do in SPIRE. @throws {WireError} */
export function checkDnsName(name: string): string {
  if (name.trim() === "") throw new WireError("empty or only whitespace");
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(name)) throw new WireError("control characters are not allowed");
  if (!/^[\u0020-\u007e]+$/.test(name)) throw new WireError("name must be ascii");
  if (name.toLowerCase() === "localhost") throw new WireError("localhost names no particular host");
  if (name.endsWith(".")) throw new WireError("domain ends with dot");
  const rest = checkWildcards(name);
  if (rest.length > maxNameLength) throw invalidLabel(rest);
  for (const label of rest.split(".")) {
    if (label === "") throw invalidLabel(rest);
    if (label.length > maxLabelLength || label.startsWith("-")) throw invalidLabel(label);
  }
  return name;
}

/** @throws {WireError} when a wildcard of the list covers another name of it */
export function checkNoOverlap(names: readonly string[]): void {
  const parents = new Set(names.filter((name) => name.startsWith("*.")).map((name) => name.slice(2)));
  const covered = names.find((name) => !name.startsWith("*.") && parents.has(name.slice(name.indexOf(".") + 1)));
  if (covered !== undefined) {
    throw new WireError(`name "${covered}" overlaps with an existing wildcard name in the list: wildcard overlap`);
  }
}
