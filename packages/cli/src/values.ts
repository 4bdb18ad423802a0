// SPDX-License-Identifier: Apache-2.0
import { InvalidArgumentError } from "commander";
import { parseDuration } from "@mayfly/registration";
import type { SelectorMessage, SpiffeIdMessage } from "@mayfly/rpc";
import { SpiffeId, TrustDomain } from "@mayfly/spiffe";

/** `90s`, `5m`, `24h` to seconds. */
export function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined)
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not a duration such as 90s, 5m or 24h`);
  return seconds;
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

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : "malformed";
}

/** A SPIFFE ID in full, as its message. */
export function spiffeId(text: string): SpiffeIdMessage {
  try {
    const id = SpiffeId.parse(text);
    return { trust_domain: id.trustDomain.name, path: id.path };
  } catch (error) {
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not a SPIFFE ID: ${reasonOf(error)}`);
  }
}

/** A trust domain, by name or ID; gives the name. */
export function trustDomain(text: string): string {
  try {
    return TrustDomain.parse(text).name;
  } catch (error) {
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not a trust domain: ${reasonOf(error)}`);
  }
}

/** `type:value`, split at the first colon. */
export function selector(text: string): SelectorMessage {
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

/** Text of a message's SPIFFE ID; empty for none. */
export function idText(id: SpiffeIdMessage | null | undefined): string {
  return id === null || id === undefined ? "" : `spiffe://${id.trust_domain}${id.path}`;
}
