// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "./registration-entry.ts";

const scheme = "spiffe://";
const serverPath = "/spire/server";

/** A node alias says which agents are also its SPIFFE ID: its selectors are node selectors, and it yields no SVID. Its parent is the server. */
export function isNodeAlias({ parentId }: Pick<RegistrationEntry, "parentId">): boolean {
  return parentId.endsWith(serverPath) && parentId.indexOf("/", scheme.length) === parentId.length - serverPath.length;
}

/** Whether the entry's end has come; from that second on it yields nothing. */
export function isExpired({ expiresAt }: Pick<RegistrationEntry, "expiresAt">, now: Date): boolean {
  return expiresAt !== 0 && expiresAt * 1000 <= now.getTime();
}
