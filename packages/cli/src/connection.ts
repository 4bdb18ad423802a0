// SPDX-License-Identifier: Apache-2.0
import type {
  AgentMethods,
  BundleMethods,
  EntryMethods,
  HealthMethods,
  LocalAuthorityMethods,
  MayflyAdminMethods,
  MayflyApprovalsMethods,
  MayflyAccountsMethods,
  MayflyLeasesMethods,
  MayflyProfilesMethods,
  MayflyRecordsMethods,
  MayflyTaskBindingMethods,
  MayflyTasksMethods,
  MayflyWorkloadMethods,
  ServerStream,
  SpiffeIdMessage,
  SvidMethods,
  Unary,
} from "@mayfly/rpc";

/** Services that the command line calls, by short name. */
export interface Services {
  readonly agent: AgentMethods;
  readonly entry: EntryMethods;
  readonly bundle: BundleMethods;
  readonly svid: SvidMethods;
  readonly localAuthority: LocalAuthorityMethods;
  readonly health: HealthMethods;
  readonly admin: MayflyAdminMethods;
  readonly introspection: MayflyWorkloadMethods;
  readonly taskBinding: MayflyTaskBindingMethods;
  readonly tasks: MayflyTasksMethods;
  readonly approvals: MayflyApprovalsMethods;
  readonly profiles: MayflyProfilesMethods;
  readonly leases: MayflyLeasesMethods;
  readonly accounts: MayflyAccountsMethods;
  readonly records: MayflyRecordsMethods;
}

/** What a unary method answers. */
export type ResponseOf<M> = M extends Unary<infer _Request, infer Response> ? Response : never;

/** What a method with a stream of answers gives, one by one. */
export type StreamedBy<M> = M extends ServerStream<infer _Request, infer Response> ? Response : never;

/** An open channel. */
export interface Connection extends AsyncDisposable {
  /** One unary call; `timeoutMs` is 30,000 when left out. @throws {CliFailure} */
  call<S extends keyof Services, M extends keyof Services[S] & string>(
    service: S,
    method: M,
    request: object,
    options?: { readonly timeoutMs?: number | undefined },
  ): Promise<ResponseOf<Services[S][M]>>;
}

/** A channel to the server: its admin socket, or its listener over mTLS. */
export interface ServerConnection extends Connection {
  /** A stream of answers, as long as it lasts; leaving the loop cancels the call. @throws {CliFailure} from the loop */
  stream<S extends keyof Services, M extends keyof Services[S] & string>(
    service: S,
    method: M,
    request: object,
  ): AsyncGenerator<StreamedBy<Services[S][M]>, void, undefined>;
  /** SPIFFE ID of the server: the parent of entries that name groups of nodes. */
  serverId(): Promise<SpiffeIdMessage>;
}
