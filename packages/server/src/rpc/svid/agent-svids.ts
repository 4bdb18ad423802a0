// SPDX-License-Identifier: Apache-2.0
import type { Signer, X509Request } from "@mayfly/ca";
import type { AttestedNode, RegistrationEntry } from "@mayfly/registration";
import type { NewX509SvidParams, SvidMethods } from "@mayfly/rpc";
import type { AcceptableKeys } from "../../issuing/acceptable-key.ts";
import { parseCsr, provesKey } from "../../issuing/csr.ts";
import { issueBatch } from "../../issuing/issue-batch.ts";
import type { AuthorizedEntries } from "../../views/authorized-entries.ts";
import { requireNode } from "../agent-caller.ts";
import type { GuardedHandlers } from "../call.ts";
import { okStatus } from "../wire/batch.ts";
import { invalidArgument, notFound, orInvalidArgument } from "../wire/refusal.ts";
import { checkAudience } from "./audience.ts";
import { toJwtSvidMessage, toX509SvidMessage } from "./svid-message.ts";

/** What issuing to agents needs. */
export interface AgentSvidDeps {
  readonly signer: Signer;
  readonly authorized: AuthorizedEntries;
  readonly keys: AcceptableKeys;
}

/** The same answer for unknown and for foreign entries. */
export const notAuthorized = "entry not found or not authorized";

/** Identity, names and life come from the entry; nothing but the key comes from the agent. */
export function workloadRequest(entry: RegistrationEntry, spki: Uint8Array, requester: string): X509Request {
  return {
    spki,
    spiffeId: entry.spiffeId,
    dnsNames: entry.dnsNames,
    ttlSeconds: entry.x509SvidTtl,
    endsBy: endOf(entry),
    purpose: "workload",
    requester,
    entryId: entry.id,
    entryRevision: entry.revisionNumber,
  };
}

function endOf({ expiresAt }: RegistrationEntry): Date | undefined {
  return expiresAt === 0 ? undefined : new Date(expiresAt * 1000);
}

async function prepare(deps: AgentSvidDeps, node: AttestedNode, params: NewX509SvidParams): Promise<X509Request> {
  if (params.entry_id === "") throw invalidArgument("missing entry ID");
  if (params.csr.length === 0) throw invalidArgument("missing CSR");
  const entry = await deps.authorized.find(node, params.entry_id);
  if (entry === undefined) throw notFound(notAuthorized);
  const csr = orInvalidArgument("malformed CSR", () => parseCsr(params.csr, deps.keys, node.id));
  if (!provesKey(csr)) throw invalidArgument("invalid CSR signature: it does not belong to the key");
  return workloadRequest(entry, csr.spki, node.id);
}

/** SVIDs for the entries of the calling agent. */
export function agentSvidHandlers(
  deps: AgentSvidDeps,
): Pick<GuardedHandlers<SvidMethods>, "BatchNewX509SVID" | "NewJWTSVID"> {
  return {
    BatchNewX509SVID: async ({ params }, { caller }) => {
      if (params.length === 0) throw invalidArgument("missing parameters");
      const node = requireNode(caller);
      const outcomes = await issueBatch(deps.signer, params, (each) => prepare(deps, node, each));
      const results = outcomes.map((outcome) =>
        "issued" in outcome
          ? { status: okStatus, svid: toX509SvidMessage(outcome.issued) }
          : { status: outcome.status },
      );
      return { results };
    },
    NewJWTSVID: async ({ entry_id: entryId, audience }, { caller }) => {
      const node = requireNode(caller);
      const entry = await deps.authorized.find(node, entryId);
      if (entry === undefined) throw notFound(notAuthorized);
      const issued = await deps.signer.issueJwt({
        spiffeId: entry.spiffeId,
        audience: checkAudience(audience),
        ttlSeconds: entry.jwtSvidTtl,
        endsBy: endOf(entry),
        requester: node.id,
        entryId: entry.id,
      });
      return { svid: toJwtSvidMessage(issued) };
    },
  };
}
