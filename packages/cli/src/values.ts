// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { InvalidArgumentError } from "commander";
import { SpiffeId, TrustDomain } from "@mayfly/spiffe";

const durationUnits: Record<string, number> = { s: 1, m: 60, h: 3_600 };

/** `90s`, `5m`, `24h` to seconds. */
export function duration(text: string): number {
  const match = /^([1-9][0-9]{0,8})([smh])$/.exec(text);
  if (match === null)
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not a duration such as 90s, 5m or 24h`);
  return Number(match[1]) * (durationUnits[match[2] ?? ""] ?? 0);
}

/** RFC 3339 to Unix seconds. */
export function instant(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(time))
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not a time such as 2027-01-31T12:00:00Z`);
  return Math.floor(time / 1000);
}

/** Message form of a SPIFFE ID. */
export interface SpiffeIdMessage {
  readonly trust_domain: string;
  readonly path: string;
}

/** A SPIFFE ID in full. */
export function spiffeId(text: string): SpiffeIdMessage {
  try {
    const id = SpiffeId.parse(text);
    return { trust_domain: id.trustDomain.name, path: id.path };
  } catch (error) {
    throw new InvalidArgumentError(
      `${JSON.stringify(text)} is not a SPIFFE ID: ${error instanceof Error ? error.message : "malformed"}`,
    );
  }
}

/** A trust domain, by name or ID; gives the name. */
export function trustDomain(text: string): string {
  try {
    return TrustDomain.parse(text).name;
  } catch (error) {
    throw new InvalidArgumentError(
      `${JSON.stringify(text)} is not a trust domain: ${error instanceof Error ? error.message : "malformed"}`,
    );
  }
}

/** `type:value`, split at the first colon. */
export function selector(text: string): { type: string; value: string } {
  const colon = text.indexOf(":");
  if (colon <= 0 || colon === text.length - 1) {
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not a selector such as unix:uid:1000`);
  }
  return { type: text.slice(0, colon), value: text.slice(colon + 1) };
}

/** Makes a repeatable option out of a parser. */
export function repeated<T>(parse: (text: string) => T): (text: string, before: T[] | undefined) => T[] {
  return (text, before) => [...(before ?? []), parse(text)];
}

/** Text as it is, for `repeated`. */
export function plain(text: string): string {
  return text;
}

/** A secret or document from a file, or from standard input for `-`; one trailing line end is cut off. */
export function contentOf(file: string): string {
  return readFileSync(file === "-" ? 0 : file, "utf8").replace(/\r?\n$/, "");
}

/** Text of a message's SPIFFE ID. */
export function idText(id: SpiffeIdMessage | null | undefined): string {
  return id === null || id === undefined ? "" : `spiffe://${id.trust_domain}${id.path}`;
}
