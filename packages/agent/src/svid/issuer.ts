// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "@mayfly/registration";
import { mayflyAgentService, type RpcChannel, StatusError, type StatusMessage, svidService } from "@mayfly/rpc";
import { createRequest } from "@mayfly/x509";
import { grpcCode } from "../grpc-code.ts";
import type { SyncMode } from "../standing.ts";
import type { WorkloadKey } from "./key-pool.ts";

/** A key to certify for an entry. */
interface IssueRequest {
  readonly entry: RegistrationEntry;
  readonly key: WorkloadKey;
}

/** DER, leaf first; or why there is none. */
export type IssueOutcome = { readonly chain: readonly Uint8Array[] } | { readonly error: StatusError };

/** A token as the server issued it. */
export interface IssuedToken {
  readonly token: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Gets SVIDs from the server over the agent's own channel. */
export interface Issuer {
  /** At most 500; positional. @throws {StatusError} when the whole batch failed */
  issueX509(requests: readonly IssueRequest[], signal: AbortSignal): Promise<readonly IssueOutcome[]>;
  /** @throws {StatusError} */
  issueJwt(entryId: string, audience: readonly string[], signal: AbortSignal): Promise<IssuedToken>;
}

const timeoutMs = 15_000;

/** The issuer for a channel: plain public keys to a Mayfly server, certificate requests to a SPIRE server. */
export function createIssuer(channel: RpcChannel, mode: SyncMode): Issuer {
  return {
    issueX509: (requests, signal) =>
      mode === "push" ? certifyKeys(channel, requests, signal) : signRequests(channel, requests, signal),
    issueJwt: async (entryId, audience, signal) => {
      const method = svidService.methods.NewJWTSVID;
      const { svid } = await channel.unary(method, { entry_id: entryId, audience }, { signal, timeoutMs });
      if (svid === null || svid.token === "")
        throw new StatusError(grpcCode.internal, "the server answered without a token");
      return {
        token: svid.token,
        issuedAt: new Date(Number(svid.issued_at) * 1000),
        expiresAt: new Date(Number(svid.expires_at) * 1000),
      };
    },
  };
}

async function certifyKeys(
  channel: RpcChannel,
  requests: readonly IssueRequest[],
  signal: AbortSignal,
): Promise<IssueOutcome[]> {
  const keys = requests.map(({ entry, key }) => ({
    entry_id: entry.id,
    public_key: key.publicKey.export({ format: "der", type: "spki" }),
  }));
  const { results } = await channel.unary(mayflyAgentService.methods.IssueX509, { keys }, { signal, timeoutMs });
  return requests.map((_, index) => outcome(results[index]?.status, results[index]?.cert_chain));
}

async function signRequests(
  channel: RpcChannel,
  requests: readonly IssueRequest[],
  signal: AbortSignal,
): Promise<IssueOutcome[]> {
  const params = requests.map(({ entry, key }) => ({
    entry_id: entry.id,
    csr: createRequest({ keys: key, uris: [entry.spiffeId] }),
  }));
  const { results } = await channel.unary(svidService.methods.BatchNewX509SVID, { params }, { signal, timeoutMs });
  return requests.map((_, index) => outcome(results[index]?.status, results[index]?.svid?.cert_chain));
}

function outcome(status: StatusMessage | null | undefined, chain: readonly Uint8Array[] | undefined): IssueOutcome {
  if (status?.code === 0 && chain !== undefined && chain.length > 0) return { chain };
  return {
    error: new StatusError(
      status?.code || grpcCode.internal,
      status?.message || "the server answered without a certificate",
    ),
  };
}
