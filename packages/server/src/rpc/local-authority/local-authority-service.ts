// SPDX-License-Identifier: Apache-2.0
import type { AuthorityKind, AuthorityRecord } from "@mayfly/ca";
import type { AuthorityStateMessage, AuthorityStateResponse, LocalAuthorityMethods, Sent } from "@mayfly/rpc";
import { unixSeconds } from "../../clock.ts";
import type { GuardedHandlers } from "../call.ts";
import { failedPrecondition, unavailable } from "../wire/refusal.ts";
import { authorityRefusal, type AuthorityVerb } from "./authority-refusals.ts";

type AuthorityName = Pick<AuthorityRecord, "id" | "notAfter">;

/** What operators do with the authorities of this server. Refusals are AuthorityErrors of the signing service. */
export interface AuthorityOperations {
  /** Oldest first. */
  list(kind: AuthorityKind): Promise<readonly AuthorityRecord[]>;
  prepare(kind: AuthorityKind): Promise<AuthorityRecord>;
  activate(kind: AuthorityKind, id: string): Promise<AuthorityRecord>;
  taint(kind: AuthorityKind, id: string): Promise<AuthorityName>;
  revoke(kind: AuthorityKind, id: string): Promise<AuthorityName>;
}

function toState(record: AuthorityName): Sent<AuthorityStateMessage> {
  return { authority_id: record.id, expires_at: String(unixSeconds(record.notAfter)) };
}

async function state(authorities: AuthorityOperations, kind: AuthorityKind): Promise<Sent<AuthorityStateResponse>> {
  const records = await authorities.list(kind);
  const at = (slot: AuthorityRecord["slot"]): Sent<AuthorityStateMessage> | undefined => {
    const record = records.findLast((each) => each.slot === slot);
    return record && toState(record);
  };
  const active = at("active");
  if (active === undefined) throw unavailable("server is initializing");
  return { active, prepared: at("prepared"), old: at("old") };
}

async function change(
  authorities: AuthorityOperations,
  [verb, kind]: readonly [AuthorityVerb, AuthorityKind],
  { authority_id: id }: { readonly authority_id: string },
): Promise<AuthorityName> {
  try {
    return await authorities[verb](kind, id);
  } catch (error) {
    throw authorityRefusal(kind, verb, error) ?? error;
  }
}

function noUpstream(): Promise<never> {
  return Promise.reject(failedPrecondition("upstream authority is not configured"));
}

/** Rotation and revocation by command. SPIRE leaves the end out of some answers, so we do, too. */
export function localAuthorityHandlers(authorities: AuthorityOperations): GuardedHandlers<LocalAuthorityMethods> {
  const idOnly = ({ id }: AuthorityName): Sent<AuthorityStateMessage> => ({ authority_id: id });
  return {
    GetJWTAuthorityState: () => state(authorities, "jwt"),
    GetX509AuthorityState: () => state(authorities, "x509"),
    PrepareJWTAuthority: async () => ({ prepared_authority: toState(await authorities.prepare("jwt")) }),
    PrepareX509Authority: async () => ({ prepared_authority: toState(await authorities.prepare("x509")) }),
    ActivateJWTAuthority: async (request) => ({
      activated_authority: toState(await change(authorities, ["activate", "jwt"], request)),
    }),
    ActivateX509Authority: async (request) => ({
      activated_authority: toState(await change(authorities, ["activate", "x509"], request)),
    }),
    TaintJWTAuthority: async (request) => ({
      tainted_authority: idOnly(await change(authorities, ["taint", "jwt"], request)),
    }),
    TaintX509Authority: async (request) => ({
      tainted_authority: toState(await change(authorities, ["taint", "x509"], request)),
    }),
    RevokeJWTAuthority: async (request) => ({
      revoked_authority: idOnly(await change(authorities, ["revoke", "jwt"], request)),
    }),
    RevokeX509Authority: async (request) => ({
      revoked_authority: idOnly(await change(authorities, ["revoke", "x509"], request)),
    }),
    TaintX509UpstreamAuthority: noUpstream,
    RevokeX509UpstreamAuthority: noUpstream,
  };
}
