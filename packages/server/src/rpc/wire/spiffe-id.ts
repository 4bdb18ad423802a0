// SPDX-License-Identifier: Apache-2.0
import { WireError } from "./refusal.ts";

/** `spire.api.types.SPIFFEID` as it arrives. */
export interface SpiffeIdFields {
  readonly trust_domain: string;
  readonly path: string;
}

/** Canonical text of an ID, taken apart. */
export interface WireSpiffeId {
  readonly text: string;
  readonly trustDomain: string;
  readonly path: string;
}

/** SPIFFE-ID §2.3: longest ID that everybody must support. */
const maxIdBytes = 2048;
const scheme = "spiffe://";

function checkTrustDomain(name: string): string {
  if (name === "") throw new WireError("trust domain is missing");
  if (!/^[a-z0-9._-]+$/.test(name)) {
    throw new WireError(
      "trust domain characters are limited to lowercase letters, numbers, dots, dashes, and underscores",
    );
  }
  if (name.length > 255) throw new WireError("trust domain is longer than 255 bytes");
  return name;
}

function checkSegment(segment: string, last: boolean): void {
  if (!/^[A-Za-z0-9._-]*$/.test(segment)) {
    throw new WireError("path segment characters are limited to letters, numbers, dots, dashes, and underscores");
  }
  if (segment === "") {
    throw new WireError(last ? "path cannot have a trailing slash" : "path cannot contain empty segments");
  }
  if (segment === "." || segment === "..") throw new WireError("path cannot contain dot segments");
}

function checkPath(path: string): string {
  if (path === "") return path;
  if (!path.startsWith("/")) throw new WireError("path must have a leading slash");
  const segments = path.slice(1).split("/");
  for (const [index, segment] of segments.entries()) checkSegment(segment, index === segments.length - 1);
  return path;
}

function compose(trustDomain: string, path: string): WireSpiffeId {
  const text = `${scheme}${trustDomain}${path}`;
  if (text.length > maxIdBytes) throw new WireError(`SPIFFE ID is longer than ${String(maxIdBytes)} bytes`);
  return { text, trustDomain, path };
}

/** An ID written as text, such as in a URI SAN. @throws {WireError} */
export function parseIdText(text: string): WireSpiffeId {
  if (text === "") throw new WireError("cannot be empty");
  if (!text.startsWith(scheme)) throw new WireError("scheme is missing or invalid");
  const rest = text.slice(scheme.length);
  const slash = rest.indexOf("/");
  const name = slash === -1 ? rest : rest.slice(0, slash);
  return compose(checkTrustDomain(name), checkPath(slash === -1 ? "" : rest.slice(slash)));
}

/** A trust domain field: a bare name, or any ID of the domain, whose path is ignored. @throws {WireError} */
export function parseTrustDomainField(field: string): string {
  return field.includes(":/") ? parseIdText(field).trustDomain : checkTrustDomain(field);
}

/** @throws {WireError} */
export function parseIdFields(fields: SpiffeIdFields | null | undefined): WireSpiffeId {
  if (fields === null || fields === undefined) throw new WireError("request must specify SPIFFE ID");
  return compose(parseTrustDomainField(fields.trust_domain), checkPath(fields.path));
}

/** The message form of a canonical ID. */
export function toIdFields(text: string): SpiffeIdFields {
  const slash = text.indexOf("/", scheme.length);
  return slash === -1
    ? { trust_domain: text.slice(scheme.length), path: "" }
    : { trust_domain: text.slice(scheme.length, slash), path: text.slice(slash) };
}

/** Checks IDs against the classes of one trust domain; texts are those that SPIRE's clients know. */
export class IdRules {
  readonly #trustDomain: string;

  constructor(trustDomain: string) {
    this.#trustDomain = trustDomain;
  }

  /** In the trust domain and with a path. @throws {WireError} */
  member(id: WireSpiffeId): WireSpiffeId {
    this.#inDomain(id);
    if (id.path === "") throw this.#not(id, "a member of", "path is empty");
    return id;
  }

  /** A member outside the reserved namespace `/spire`. @throws {WireError} */
  workload(id: WireSpiffeId): WireSpiffeId {
    this.#inDomain(id);
    if (id.path === "") throw this.#not(id, "a workload in", "path is empty");
    if (id.path === "/spire" || id.path.startsWith("/spire/")) {
      throw this.#not(id, "a workload in", "path is in the reserved namespace");
    }
    return id;
  }

  /** A member under `/spire/agent/`. @throws {WireError} */
  agent(id: WireSpiffeId): WireSpiffeId {
    this.#inDomain(id);
    if (id.path === "") throw this.#not(id, "an agent in", "path is empty");
    if (!id.path.startsWith("/spire/agent/")) throw this.#not(id, "an agent in", "path is not in the agent namespace");
    return id;
  }

  #inDomain(id: WireSpiffeId): void {
    if (id.trustDomain !== this.#trustDomain) throw this.#not(id, "a member of", undefined);
  }

  #not(id: WireSpiffeId, what: string, why: string | undefined): WireError {
    const reason = why === undefined ? "" : `; ${why}`;
    return new WireError(`"${id.text}" is not ${what} trust domain "${this.#trustDomain}"${reason}`);
  }
}
