// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from "node:http";
import { HttpRefusal } from "./http-refusal.ts";

/** Whom requests have to be addressed to, and which pages may send them. */
export interface Addressing {
  /** Values of Host, lower case, with the port where it is not 443. */
  readonly hosts: ReadonlySet<string>;
  /** Values of Origin; a request without one comes from no page. */
  readonly origins: ReadonlySet<string>;
}

/** Headers that are decided on or compared: two values would be read differently by two readers. */
const single = /^(?:host|origin|content-type|content-length|mcp-.*)$/;

/** Checks who the request is addressed to and who sent it on. @throws {HttpRefusal} FOREIGN_ORIGIN, HEADER_TWICE */
export function checkAddressing({ rawHeaders, headers }: IncomingMessage, { hosts, origins }: Addressing): void {
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (!single.test(name)) continue;
    if (seen.has(name))
      throw new HttpRefusal("HEADER_TWICE", `the header ${JSON.stringify(name.slice(0, 80))} comes twice`);
    seen.add(name);
  }
  const { host = "", origin } = headers;
  if (!hosts.has(host.toLowerCase())) throw new HttpRefusal("FOREIGN_ORIGIN", "Host is not the name of this gateway");
  if (origin !== undefined && !origins.has(origin)) {
    throw new HttpRefusal("FOREIGN_ORIGIN", "Origin is none that may call this gateway");
  }
}

/** Checks that a body is what it has to be before it is read. @throws {HttpRefusal} METHOD_NOT_ALLOWED, BAD_CONTENT_TYPE */
export function checkPost({ method, headers }: IncomingMessage): void {
  if (method !== "POST") throw new HttpRefusal("METHOD_NOT_ALLOWED", "only POST is served here");
  const isJson = /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i.test(headers["content-type"] ?? "");
  if (!isJson || headers["content-encoding"] !== undefined) {
    throw new HttpRefusal("BAD_CONTENT_TYPE", "a body is application/json in UTF-8, not compressed");
  }
}
