// SPDX-License-Identifier: Apache-2.0
import { RpcServer } from "@mayfly/rpc";
import type { Logger } from "@mayfly/telemetry";
import { AgentCheck } from "./authorization/agent-check.ts";
import { AgentSessions } from "./authorization/agent-sessions.ts";
import { Authorizer } from "./authorization/authorize.ts";
import { TaskCallers } from "./authorization/task-callers.ts";
import { createRateLimits } from "./authorization/rate-limits.ts";
import { authorityOperations } from "./authorities.ts";
import type { Clock } from "./clock.ts";
import type { ServerConfig } from "./config/server-config.ts";
import { AcceptableKeys } from "./issuing/acceptable-key.ts";
import { NodeAttestor } from "./node-attestor/node-attestor.ts";
import { openNodeVerifiers } from "./node-attestor/verifiers.ts";
import type { RecentErrors } from "./recent-errors.ts";
import { CallJournal } from "./rpc/call-journal.ts";
import { Guard } from "./rpc/guard.ts";
import { IdRules } from "./rpc/wire/spiffe-id.ts";
import { localServices, type ServiceDeps, tcpServices } from "./services.ts";
import type { ServerState } from "./state.ts";
import { RefusedCalls } from "./tasks/record/refused-calls.ts";
import type { Connection } from "./transport/connection.ts";
import type { ServerIdentity } from "./transport/server-identity.ts";
import { serverVersion } from "./version.ts";

/** What the services stand on. */
export interface WireOptions {
  readonly state: ServerState;
  readonly identity: ServerIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly recentErrors: RecentErrors;
  listenerAddress(): string;
}

/** Both gRPC servers and what guards them. */
export interface Wired extends Disposable {
  readonly tcp: RpcServer<Connection>;
  readonly local: RpcServer<Connection>;
  readonly authorizer: Authorizer;
}

function serviceDeps(config: ServerConfig, options: WireOptions): ServiceDeps {
  const { state, identity, clock, logger } = options;
  const { datastore, views, signing, signer } = state;
  const { trustDomain } = config;
  const keys = new AcceptableKeys(views, logger);
  const verifiers = openNodeVerifiers(config, { tokens: datastore.joinTokens, clock });
  return {
    ...options,
    ...state,
    trustDomain,
    entries: datastore.entries,
    nodes: datastore.nodes,
    bundles: datastore.bundles,
    tokens: datastore.joinTokens,
    rules: new IdRules(trustDomain),
    keys,
    attestor: new NodeAttestor({ trustDomain, verifiers, nodes: datastore.nodes, signer, keys, logger }),
    authorities: authorityOperations(signing, { trustDomain, bundles: datastore.bundles }),
    version: serverVersion,
    startedAt: clock.now(),
    ownChain: () => identity.chain(),
    signingProblem: () => signing.problem(),
    listenerAddress: () => options.listenerAddress(),
  };
}

/** Puts services, authorization and limits together. @throws {ServerStateError} NODE_ROOTS_INVALID */
export function wire(config: ServerConfig, options: WireOptions): Wired {
  const { state, clock, logger } = options;
  const { views, datastore } = state;
  const agents = new AgentCheck({ nodes: datastore.nodes, views, clock });
  const { operators, tasks } = datastore;
  const taskCallers = new TaskCallers({ ...config, operators, tasks, clock });
  const { entries } = datastore;
  const authorizer = new Authorizer({ adminIds: config.adminIds, entries, views, agents, taskCallers, clock });
  const sessions = new AgentSessions(views, clock);
  const limits = createRateLimits(config.rateLimit);
  const refusals = new RefusedCalls(state.taskLayer.recorder);
  const guard = new Guard({ authorizer, limits, sessions, journal: new CallJournal(logger), refusals });
  const deps = serviceDeps(config, options);
  return {
    tcp: new RpcServer<Connection>({ services: tcpServices(guard, deps) }),
    local: new RpcServer<Connection>({ services: localServices(guard, deps) }),
    authorizer,
    [Symbol.dispose]: () => {
      sessions[Symbol.dispose]();
    },
  };
}
