// SPDX-License-Identifier: Apache-2.0
import { AuthorityError, type AuthorityErrorCode, type AuthorityKind } from "@mayfly/ca";
import type { StatusError } from "@mayfly/rpc";
import { internal, invalidArgument } from "../wire/refusal.ts";

/** What is done to an authority by its id. */
export type AuthorityVerb = "activate" | "taint" | "revoke";

type Refusal = readonly ["invalid" | "internal", string];
type Refusals = Readonly<Partial<Record<AuthorityErrorCode, Refusal>>>;

const words = {
  jwt: { authority: "JWT authority", item: "key", missing: "no JWT Key found with provided key ID" },
  x509: { authority: "X.509 authority", item: "root CA", missing: "no root CA found with provided subject key ID" },
};

const activate: Refusals = {
  AUTHORITY_ID_MISSING: ["invalid", "no authority ID provided"],
  AUTHORITY_UNKNOWN: ["invalid", "unexpected authority ID"],
  AUTHORITY_ACTIVE: ["invalid", "unexpected authority ID"],
  AUTHORITY_OLD: ["internal", "only Prepared authorities can be activated: unsupported local authority status: OLD"],
};

function taint(kind: AuthorityKind): Refusals {
  const { authority, item, missing } = words[kind];
  const status = "unsupported local authority status: PREPARED";
  return {
    AUTHORITY_ID_MISSING: ["invalid", "no authority ID provided"],
    AUTHORITY_UNKNOWN: ["invalid", "unexpected authority ID"],
    AUTHORITY_ACTIVE: ["invalid", "unable to taint current local authority"],
    AUTHORITY_PREPARED: ["invalid", `only Old local authorities can be tainted: ${status}`],
    AUTHORITY_TAINTED: ["internal", `failed to taint ${authority}: ${item} is already tainted`],
    AUTHORITY_REVOKED: ["internal", `failed to taint ${authority}: ${missing}`],
  };
}

const notOld: Refusal = ["invalid", "invalid authority ID: only Old local authority can be revoked"];

function revoke(kind: AuthorityKind): Refusals {
  const { authority, item, missing } = words[kind];
  const unknown = "invalid authority ID: no JWT authority found with provided authority ID";
  return {
    AUTHORITY_ID_MISSING: ["invalid", "invalid authority ID: no authority ID provided"],
    AUTHORITY_UNKNOWN: kind === "jwt" ? ["invalid", unknown] : notOld,
    AUTHORITY_ACTIVE: ["invalid", "invalid authority ID: unable to use current authority"],
    AUTHORITY_PREPARED: kind === "jwt" ? ["invalid", "invalid authority ID: unable to use a prepared key"] : notOld,
    AUTHORITY_NOT_TAINTED: [
      "internal",
      `failed to revoke ${authority}: it is not possible to revoke an untainted ${item}`,
    ],
    AUTHORITY_REVOKED: ["internal", `failed to revoke ${authority}: ${missing}`],
  };
}

/** The refusal in the protocol's words; undefined for what no operator caused. */
export function authorityRefusal(kind: AuthorityKind, verb: AuthorityVerb, error: unknown): StatusError | undefined {
  if (!(error instanceof AuthorityError)) return undefined;
  const refusals = { activate, taint: taint(kind), revoke: revoke(kind) }[verb];
  const refusal = refusals[error.code];
  if (refusal === undefined) return undefined;
  const [sort, text] = refusal;
  return sort === "invalid" ? invalidArgument(text, { cause: error }) : internal(text, { cause: error });
}
