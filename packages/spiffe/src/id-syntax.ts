// SPDX-License-Identifier: Apache-2.0
import { SpiffeIdError } from "./errors.ts";
import { quote } from "./quote.ts";

/** Begins every SPIFFE ID (SPIFFE-ID §2). */
export const scheme = "spiffe://";

// SPIFFE-ID §2.3: what must be supported is also the most that is accepted.
const maxIdBytes = 2048;
// RFC 3986 §3.2.2, taken over by SPIFFE-ID §2.1.
const maxTrustDomainBytes = 255;

const trustDomainPattern = /^[a-z0-9._-]+$/;
const segmentPattern = /^[A-Za-z0-9._-]+$/;

/** SPIFFE-ID §2.1. @throws {SpiffeIdError} MISSING_TRUST_DOMAIN, TRUST_DOMAIN_TOO_LONG, BAD_TRUST_DOMAIN_CHAR */
export function assertTrustDomainName(name: string): void {
  if (name === "") throw new SpiffeIdError("MISSING_TRUST_DOMAIN", "the trust domain is missing");
  if (!trustDomainPattern.test(name)) {
    throw new SpiffeIdError(
      "BAD_TRUST_DOMAIN_CHAR",
      `a trust domain has lower-case letters, digits, dots, dashes and underscores only, not ${quote(name)}`,
    );
  }
  if (name.length > maxTrustDomainBytes) {
    throw new SpiffeIdError(
      "TRUST_DOMAIN_TOO_LONG",
      `a trust domain has at most ${maxTrustDomainBytes} bytes, not ${name.length}`,
    );
  }
}

/** SPIFFE-ID §2.2. @throws {SpiffeIdError} EMPTY_SEGMENT, DOT_SEGMENT, BAD_PATH_CHAR */
export function assertSegment(segment: string): void {
  if (segment === "") throw new SpiffeIdError("EMPTY_SEGMENT", "a path segment is empty");
  if (segment === "." || segment === "..")
    throw new SpiffeIdError("DOT_SEGMENT", `a path segment is ${quote(segment)}`);
  if (!segmentPattern.test(segment)) {
    throw new SpiffeIdError(
      "BAD_PATH_CHAR",
      `a path segment has letters, digits, dots, dashes and underscores only, not ${quote(segment)}`,
    );
  }
}

/** "" or "/" with segments. @throws {SpiffeIdError} NO_LEADING_SLASH, TRAILING_SLASH and those of a segment */
export function assertPath(path: string): void {
  if (path === "") return;
  if (!path.startsWith("/"))
    throw new SpiffeIdError("NO_LEADING_SLASH", `a path begins with a slash, unlike ${quote(path)}`);
  const segments = path.slice(1).split("/");
  for (const [index, segment] of segments.entries()) {
    if (segment === "" && index === segments.length - 1)
      throw new SpiffeIdError("TRAILING_SLASH", "a path does not end with a slash");
    assertSegment(segment);
  }
}

/** @throws {SpiffeIdError} TOO_LONG. The parts are ASCII. */
export function assertIdLength(name: string, path: string): void {
  const length = scheme.length + name.length + path.length;
  if (length > maxIdBytes)
    throw new SpiffeIdError("TOO_LONG", `a SPIFFE ID has at most ${maxIdBytes} bytes, not ${length}`);
}

/**
 * Takes an ID apart at characters, not by a URL parser: those rewrite dot segments and hide an empty query (SPIFFE-ID §2).
 * @throws {SpiffeIdError}
 */
export function splitId(text: string): { readonly name: string; readonly path: string } {
  if (text === "") throw new SpiffeIdError("EMPTY", "the SPIFFE ID is empty");
  if (!text.startsWith(scheme)) {
    throw new SpiffeIdError("BAD_SCHEME", `a SPIFFE ID begins with ${quote(scheme)}, unlike ${quote(text)}`);
  }
  const slash = text.indexOf("/", scheme.length);
  const end = slash === -1 ? text.length : slash;
  const name = text.slice(scheme.length, end);
  const path = text.slice(end);
  if (name.length <= maxTrustDomainBytes) assertIdLength(name, path);
  assertTrustDomainName(name);
  assertPath(path);
  return { name, path };
}
