// SPDX-License-Identifier: Apache-2.0
import { Argument } from "commander";

/** Kind of an authority on the command line. */
export type AuthorityKind = "x509" | "jwt";

/** The argument `x509|jwt`. */
export function kindArgument(required = true): Argument {
  return new Argument(required ? "<kind>" : "[kind]", "x509 or jwt").choices(["x509", "jwt"]);
}

type Verb = "Prepare" | "Activate" | "Taint" | "Revoke";

/** Name of a LocalAuthority method that changes an authority, such as `PrepareX509Authority`. */
export function authorityMethod<V extends Verb>(verb: V, kind: AuthorityKind): `${V}${"X509" | "JWT"}Authority` {
  return `${verb}${kind === "x509" ? "X509" : "JWT"}Authority`;
}
