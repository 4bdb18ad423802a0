// SPDX-License-Identifier: Apache-2.0
import { createHash, randomUUID } from "node:crypto";
import type { JoinTokenStore, NewEntry } from "@mayfly/registration";
import type { CreateJoinTokenRequest, JoinTokenMessage } from "@mayfly/rpc";
import { type Clock, unixSeconds } from "../../clock.ts";
import { internal, invalidArgument, orInvalidArgument, WireError } from "../wire/refusal.ts";
import { type IdRules, parseIdFields, parseIdText } from "../wire/spiffe-id.ts";

/** What creating a join token needs. */
export interface JoinTokenDeps {
  readonly trustDomain: string;
  readonly tokens: JoinTokenStore;
  readonly rules: IdRules;
  readonly clock: Clock;
}

/** SHA-256 in hex: the only form in which the server keeps a token. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token, "utf8").digest("hex");
}

/** The entry that makes the node of a token also `spiffeId`. */
export function joinTokenAlias(agentId: string, spiffeId: string): NewEntry {
  return {
    id: randomUUID(),
    spiffeId,
    parentId: agentId,
    selectors: [{ type: "spiffe_id", value: agentId }],
    x509SvidTtl: 0,
    jwtSvidTtl: 0,
    federatesWith: [],
    admin: false,
    downstream: false,
    expiresAt: 0,
    dnsNames: [],
    storeSvid: false,
    hint: "",
  };
}

/** The ID of the agent that will attest with the token; a token that is no path segment is refused here, not at attestation. */
function agentIdOf(trustDomain: string, token: string): string {
  if (token.includes("/"))
    throw new WireError("path segment characters are limited to letters, numbers, dots, dashes, and underscores");
  return parseIdText(`spiffe://${trustDomain}/spire/agent/join_token/${token}`).text;
}

function checkedAgentId({ trustDomain }: JoinTokenDeps, token: string, hasAlias: boolean): string {
  try {
    return agentIdOf(trustDomain, token);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    if (!hasAlias) throw invalidArgument(`invalid join token: ${error.message}`, { cause: error });
    const inner = `failed to create join token ID: ${error.message}`;
    throw internal(`failed to create join token registration entry: ${inner}`, { cause: error });
  }
}

/** Stores a token, and the alias entry if an agent ID was asked for, in one transaction. @throws {StatusError} INVALID_ARGUMENT, INTERNAL */
export async function createJoinToken(deps: JoinTokenDeps, request: CreateJoinTokenRequest): Promise<JoinTokenMessage> {
  const { ttl, agent_id: aliasFields } = request;
  if (ttl < 1) throw invalidArgument("ttl is required, you must provide one");
  const alias =
    aliasFields && orInvalidArgument("invalid agent ID", () => deps.rules.workload(parseIdFields(aliasFields)).text);
  const token = request.token || randomUUID();
  const agentId = checkedAgentId(deps, token, Boolean(alias));
  const now = deps.clock.now();
  const expiresAt = unixSeconds(now) + ttl;
  const created = await deps.tokens.create(
    { hash: hashToken(token), expiresAt, retryWithSameKey: false },
    { aliasEntry: alias ? joinTokenAlias(agentId, alias) : undefined, now },
  );
  if (!created) throw internal("failed to create token: datastore-sql: UNIQUE constraint failed: join_tokens.token");
  return { value: token, expires_at: String(expiresAt) };
}
