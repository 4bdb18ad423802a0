// SPDX-License-Identifier: Apache-2.0
import { assertIdLength, assertPath, assertSegment, splitId } from "./id-syntax.ts";
import { TrustDomain } from "./trust-domain.ts";

const insensitivePart = /^spiffe:\/\/[^/]*/i;
const capitals = /[A-Z]/g;

/**
 * A SPIFFE ID (SPIFFE-ID §2): trust domain and path, at most 2,048 bytes, case-sensitive, never percent-decoded or rewritten. Immutable.
 */
export class SpiffeId {
  readonly trustDomain: TrustDomain;
  /** "" for the trust domain itself, else "/" with segments: "/ns/prod/sa/web". */
  readonly path: string;

  private constructor(trustDomain: TrustDomain, path: string) {
    this.trustDomain = trustDomain;
    this.path = path;
  }

  /** The canonical text: "spiffe://example.org/web". @throws {SpiffeIdError} */
  static parse(text: string): SpiffeId {
    const { name, path } = splitId(text);
    return new SpiffeId(TrustDomain.fromName(name), path);
  }

  /**
   * As `parse`, but scheme and trust domain may be in capitals, which are made small (SPIFFE-ID §2.4): for text that people type. Never
   * for what a peer presents.
   * @throws {SpiffeIdError}
   */
  static normalize(text: string): SpiffeId {
    return SpiffeId.parse(text.replace(insensitivePart, asciiLowerCase));
  }

  /** From path segments without slashes; none gives the trust domain's own ID. @throws {SpiffeIdError} */
  static fromSegments(trustDomain: TrustDomain, segments: readonly string[]): SpiffeId {
    for (const segment of segments) assertSegment(segment);
    const path = segments.map((segment) => `/${segment}`).join("");
    assertIdLength(trustDomain.name, path);
    return new SpiffeId(trustDomain, path);
  }

  /** From a path: "" or one that begins with a slash. @throws {SpiffeIdError} */
  static fromPath(trustDomain: TrustDomain, path: string): SpiffeId {
    assertIdLength(trustDomain.name, path);
    assertPath(path);
    return new SpiffeId(trustDomain, path);
  }

  /** The path's segments; none for the trust domain itself. */
  get segments(): readonly string[] {
    return this.path === "" ? [] : this.path.slice(1).split("/");
  }

  equals(other: SpiffeId): boolean {
    return this.path === other.path && this.trustDomain.equals(other.trustDomain);
  }

  /** Whether the ID lies in this trust domain. */
  memberOf(trustDomain: TrustDomain): boolean {
    return this.trustDomain.equals(trustDomain);
  }

  /** The canonical text. */
  toString(): string {
    return this.trustDomain.idString + this.path;
  }

  /** The canonical text. */
  toJSON(): string {
    return this.toString();
  }
}

/** toLowerCase() alone would turn letters of other scripts into ASCII, e.g. the Kelvin sign. */
function asciiLowerCase(text: string): string {
  return text.replace(capitals, (letter) => letter.toLowerCase());
}
