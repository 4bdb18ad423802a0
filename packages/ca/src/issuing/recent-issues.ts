// SPDX-License-Identifier: Apache-2.0
import { hash } from "node:crypto";
import type { IssuedX509, X509Request } from "../ports.ts";

/** A certificate is given out again for a tenth of its life, at most this long. */
const longestMs = 30_000;
const maxRemembered = 20_000;

interface Remembered {
  readonly issued: IssuedX509;
  readonly until: number;
}

/** What was issued just now: a caller that lost the answer and asks again gets the same certificate, not a second one. */
export class RecentIssues {
  /** In the order of issuing. */
  readonly #byRequest = new Map<string, Remembered>();

  /** Of an equal request of the same authority; undefined when there was none lately. `now`: Unix milliseconds. */
  find(key: string, authorityId: string, now: number): IssuedX509 | undefined {
    const found = this.#byRequest.get(key);
    return found !== undefined && found.until > now && found.issued.authorityId === authorityId
      ? found.issued
      : undefined;
  }

  remember(key: string, issued: IssuedX509, now: number): void {
    const life = issued.notAfter.getTime() - now;
    this.#byRequest.delete(key);
    this.#byRequest.set(key, { issued, until: now + Math.min(life / 10, longestMs) });
    for (const [oldest, { until }] of this.#byRequest) {
      if (until > now && this.#byRequest.size <= maxRemembered) break;
      this.#byRequest.delete(oldest);
    }
  }
}

/** Equal for requests that must get the same answer; undefined for requests without an entry, which are always answered anew. */
export function requestKey(request: X509Request): string | undefined {
  const { entryId, entryRevision, requester, purpose, spiffeId, dnsNames, ttlSeconds, endsBy, spki } = request;
  if (entryId === undefined || entryRevision === undefined) return undefined;
  const text = JSON.stringify([requester, entryId, entryRevision, purpose, spiffeId, dnsNames, ttlSeconds, endsBy]);
  // Neither JSON nor base64 has a line end in it: the two parts keep apart.
  return hash(
    "sha256",
    `${text}\n${Buffer.from(spki.buffer, spki.byteOffset, spki.length).toString("base64")}`,
    "base64",
  );
}
