// SPDX-License-Identifier: Apache-2.0
import type {
  AgentMethods,
  BundleMethods,
  EntryMethods,
  HealthMethods,
  LocalAuthorityMethods,
  MayflyAdminMethods,
  MayflyTaskBindingMethods,
  MayflyWorkloadMethods,
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
}

/** What a unary method answers. */
export type ResponseOf<M> = M extends Unary<infer _Request, infer Response> ? Response : never;

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

/** A channel to the server's admin socket. */
export interface ServerConnection extends Connection {
  /** SPIFFE ID of the server: the parent of entries that name groups of nodes. */
  serverId(): Promise<SpiffeIdMessage>;
}
