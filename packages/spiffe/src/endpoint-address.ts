// SPDX-License-Identifier: Apache-2.0
import { isIP } from "node:net";
import { EndpointAddressError, type EndpointAddressErrorCode } from "./errors.ts";
import { quote } from "./quote.ts";

/** Where a Workload API listens. */
export type EndpointAddress =
  | { readonly transport: "unix" /** Absolute. */; readonly path: string }
  | {
      readonly transport: "tcp" /** An IP address, IPv6 without brackets. */;
      readonly host: string;
      readonly port: number;
    };

interface UriParts {
  readonly scheme: string;
  /** Undefined without "//". */
  readonly authority: string | undefined;
  readonly path: string;
  readonly query: string | undefined;
  readonly fragment: string | undefined;
}

const maxAddressLength = 4_096;
// RFC 3986 §2: the characters of a URI, and complete percent-encodings.
const uriCharacters = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;
// RFC 3986 appendix B, with the scheme's own grammar (§3.1).
const uriPattern = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/;

/**
 * Text of SPIFFE_ENDPOINT_SOCKET (Workload Endpoint §4): `unix:///run/agent.sock` or `unix:/run/agent.sock`, percent-encoding allowed, or
 * `tcp://127.0.0.1:8000`, `tcp://[::1]:8000`; nothing else in the URI.
 * @throws {EndpointAddressError} NOT_SET for "", NOT_URI, BAD_SCHEME, OPAQUE, HAS_USERINFO, HAS_AUTHORITY, NO_PATH, HAS_PATH, HAS_QUERY,
 * HAS_FRAGMENT, HOST_NOT_IP, NO_PORT
 */
export function parseEndpointAddress(text: string): EndpointAddress {
  if (text === "") throw new EndpointAddressError("NOT_SET", "the endpoint's address is not set");
  const parts = splitUri(text);
  if (parts.scheme === "unix") return readUnix(parts, text);
  if (parts.scheme === "tcp") return readTcp(parts, text);
  throw refuse("BAD_SCHEME", "is neither unix nor tcp", text);
}

function refuse(code: EndpointAddressErrorCode, what: string, text: string): EndpointAddressError {
  return new EndpointAddressError(code, `the endpoint's address ${quote(text)} ${what}`);
}

function splitUri(text: string): UriParts {
  const match = text.length <= maxAddressLength && uriCharacters.test(text) ? uriPattern.exec(text) : null;
  if (match === null) throw refuse("NOT_URI", "is no URI", text);
  const [, scheme = "", authority, path = "", query, fragment] = match;
  return { scheme: scheme.toLowerCase(), authority, path, query, fragment };
}

function assertPlain({ query, fragment }: UriParts, text: string): void {
  if (query !== undefined) throw refuse("HAS_QUERY", "has a query", text);
  if (fragment !== undefined) throw refuse("HAS_FRAGMENT", "has a fragment", text);
}

function readUnix(parts: UriParts, text: string): EndpointAddress {
  const { authority = "", path } = parts;
  if (authority.includes("@")) throw refuse("HAS_USERINFO", "has a user", text);
  if (authority !== "") throw refuse("HAS_AUTHORITY", "has an authority where the path should begin", text);
  if (path === "" || path === "/") throw refuse("NO_PATH", "has no path", text);
  if (!path.startsWith("/")) throw refuse("OPAQUE", "has no absolute path", text);
  assertPlain(parts, text);
  return { transport: "unix", path: decodePath(path, text) };
}

function decodePath(path: string, text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    throw refuse("NOT_URI", "has a percent-encoding that is not UTF-8", text);
  }
  if (decoded.includes("\0")) throw refuse("NOT_URI", "has a NUL in its path", text);
  return decoded;
}

function readTcp(parts: UriParts, text: string): EndpointAddress {
  const { authority, path } = parts;
  if (authority === undefined) throw refuse("OPAQUE", 'has no "//" before the host', text);
  if (authority.includes("@")) throw refuse("HAS_USERINFO", "has a user", text);
  if (path !== "") throw refuse("HAS_PATH", "has a path after the port", text);
  assertPlain(parts, text);
  const [, bracketed, plain, port = ""] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(authority) ?? [];
  const host = bracketed ?? plain ?? "";
  if (isIP(host) !== (bracketed === undefined ? 4 : 6))
    throw refuse("HOST_NOT_IP", "has a host that is no IP address", text);
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    throw refuse("NO_PORT", "has no port between 1 and 65535", text);
  }
  return { transport: "tcp", host, port: Number(port) };
}
