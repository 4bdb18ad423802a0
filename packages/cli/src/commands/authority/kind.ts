// SPDX-License-Identifier: Apache-2.0
import { Argument } from "commander";

/** Kind of an authority on the command line. */
export type AuthorityKind = "x509" | "jwt";

/** The argument `x509|jwt`. */
export function kindArgument(): Argument {
  return new Argument("<kind>", "x509 or jwt").choices(["x509", "jwt"]);
}

/** Name of a LocalAuthority method for one kind, such as `PrepareX509Authority`. */
export function authorityMethod(
  verb: "Get" | "Prepare" | "Activate" | "Taint" | "Revoke",
  kind: AuthorityKind,
): string {
  return `${verb}${kind.toUpperCase()}Authority${verb === "Get" ? "State" : ""}`;
}
