// SPDX-License-Identifier: Apache-2.0
import type { SpiffeIdError } from "@mayfly/spiffe";

/** The text in which the reference implementation says what is wrong with a SPIFFE ID, where clients are known to see it. */
export function spokenIdError({ code, message }: SpiffeIdError): string {
  if (code === "BAD_SCHEME") return "scheme is missing or invalid";
  if (code !== "BAD_TRUST_DOMAIN_CHAR") return message;
  return "trust domain characters are limited to lowercase letters, numbers, dots, dashes, and underscores";
}
