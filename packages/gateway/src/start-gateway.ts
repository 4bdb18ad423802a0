// SPDX-License-Identifier: Apache-2.0
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { openServerChannel, type X509Source } from "@mayfly/spiffe-client";
import { createLogger, type Logger, openTracing, type SpanSink } from "@mayfly/telemetry";
import { decideEvaluation } from "./authzen/decide-evaluation.ts";
import { Outcomes } from "./calls/outcomes.ts";
import type { ServedTools } from "./calls/tool-calls.ts";
import { type Clock, systemClock } from "./clock.ts";
import { openDigestKey } from "./config/digest-key.ts";
import { openPolicies } from "./config/open-policies.ts";
import { openSource } from "./config/open-source.ts";
import type { GatewayConfig } from "./config/gateway-config.ts";
import { readPolicyDirectory } from "./config/read-policies.ts";
import type { Policies } from "./decision/decide-call.ts";
import { DecisionRecord } from "./decision/decision-record.ts";
import { GatewayError } from "./errors.ts";
import { createListener, type ListenerOptions } from "./http/gateway-listener.ts";
import type { CallLedger } from "./ports/call-ledger.ts";
import type { TaskFeed } from "./ports/task-feed.ts";
import { GuardFeed } from "./rpc/guard-feed.ts";
import { RpcLedger } from "./rpc/rpc-ledger.ts";
import { LiveCalls } from "./tasks/live-calls.ts";
import { StandingTable } from "./tasks/standing-table.ts";
import { TaskWatch } from "./tasks/task-watch.ts";
import { UntrustedTasks } from "./tasks/untrusted-tasks.ts";
import { ToolCatalogue } from "./tools/tool-catalogue.ts";
import { ToolServer } from "./upstream/tool-server.ts";
import { gatewayVersion } from "./version.ts";

/** What the gateway stands on, where it is not what the configuration says. What is given stays the giver's. */
export interface GatewayPorts {
  /** Default: from the Workload API of the configuration. */
  readonly source?: X509Source | undefined;
  /** Default: the server, over `mayfly.task.v1`. */
  readonly ledger?: CallLedger | undefined;
  readonly feed?: TaskFeed | undefined;
  /** Default: the collector of the configuration. */
  readonly spans?: SpanSink | undefined;
  readonly clock?: Clock | undefined;
  readonly log?: Logger | undefined;
}

/** A gateway at work. Disposing is `stop`. */
export interface RunningGateway extends AsyncDisposable {
  /** Port that it listens on. */
  readonly port: number;
  /** Resolves when the server has told of the tasks: before, each is refused. */
  readonly ready: Promise<void>;
  /** Rejects when the gateway can't go on, never resolves. */
  readonly failed: Promise<never>;
  /** Takes over what can change while it runs: log level and policies. Policies that are refused leave the old ones in force. Whether the new ones are. */
  reload(config: GatewayConfig): boolean;
  /** Takes nothing new, cuts what is open, tells what is to be told; under 5 s. Idempotent. */
  stop(): Promise<void>;
}

const traced = { service: "mayfly-gateway", version: gatewayVersion } as const;
/** How long the ledger may take over one answer. */
const ledgerTimeoutMs = 5000;

/**
 * Starts a gateway. Resolves when it listens; it refuses every task until the server has told of it.
 * @throws {GatewayError} POLICY_UNREADABLE, KEY_UNREADABLE, STATE_UNREADABLE, NO_IDENTITY, LISTEN_FAILED; what opening the source throws
 */
export async function startGateway(config: GatewayConfig, ports: GatewayPorts = {}): Promise<RunningGateway> {
  const log = ports.log ?? createLogger({ level: config.logLevel, format: config.logFormat });
  const clock = ports.clock ?? systemClock;
  await using resources = new AsyncDisposableStack();
  const spans = ports.spans ?? resources.use(await openTracing({ ...traced, otlp: config.otlp, log }));
  const digestKey = await openDigestKey(config.dataDir);
  const policies = openPolicies(config, log);
  const source = ports.source ?? resources.use(await openSource(config));
  const { ledger, feed } = openServer(config, ports, { source, clock, log, resources });
  const table = new StandingTable(clock);
  const live = new LiveCalls(clock, source.svid.id);
  const outcomes = resources.use(new Outcomes(ledger, log));
  const decisions = new DecisionRecord(ledger, log);
  const untrusted = new UntrustedTasks(config.dataDir, clock);
  const servers = serveTools(config, { source, ledger, clock, log, resources });
  const deps = {
    source,
    ledger,
    feed,
    table,
    live,
    outcomes,
    decisions,
    untrusted,
    policies,
    clock,
    log,
    spans,
    digestKey,
  };
  const hosts = new Set(config.hosts);
  const listener = createListener(listenerOptions(config, { ...deps, servers, hosts }));
  const port = await listen(listener, config.listen);
  if (config.hosts === undefined) hosts.add(config.listen.toLowerCase().replace(/[0-9]+$/, String(port)));
  log.info("gateway_listening", { port, tool_servers: servers.size });
  resources.defer(() => close(listener, live));
  const controller = new AbortController();
  const watch = new TaskWatch({ table, live, log });
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const loops = [feed.run(watch, controller.signal), watch.run(controller.signal)].map((loop) =>
    loop.catch((error: unknown) => failed.reject(error)),
  );
  resources.defer(async () => {
    controller.abort(new Error("the gateway is stopping"));
    await Promise.all(loops);
  });
  const owned = resources.move();
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= owned.disposeAsync());
  const reload = (next: GatewayConfig): boolean => {
    log.level = next.logLevel;
    return policies.replace(() => readPolicyDirectory(next.policyDir));
  };
  return { port, ready: watch.ready, failed: failed.promise, reload, stop, [Symbol.asyncDispose]: stop };
}

interface Context {
  readonly source: X509Source;
  readonly clock: Clock;
  readonly log: Logger;
  readonly resources: AsyncDisposableStack;
}

function openServer(
  { server, trustDomain }: GatewayConfig,
  { ledger, feed }: GatewayPorts,
  { source, clock, log, resources }: Context,
): { readonly ledger: CallLedger; readonly feed: TaskFeed } {
  if (ledger !== undefined && feed !== undefined) return { ledger, feed };
  const channel = openServerChannel({ address: server, source, trustDomain });
  resources.defer(() => channel.close());
  return {
    ledger: ledger ?? new RpcLedger(channel, ledgerTimeoutMs),
    feed: feed ?? new GuardFeed(channel, { clock, log }),
  };
}

function serveTools(
  config: GatewayConfig,
  { source, ledger, clock, log, resources }: Context & { readonly ledger: CallLedger },
): ReadonlyMap<string, ServedTools> {
  const limits = { timeoutMs: config.callTimeoutMs, maxBytes: config.maxAnswerBytes };
  const entries = [...config.toolServers.values()].map((register): [string, ServedTools] => {
    const upstream = resources.use(new ToolServer(register, source, limits));
    const maxAgeMs = config.toolRefreshMs;
    const catalogue = new ToolCatalogue({ register, server: upstream, ledger, clock, log, maxAgeMs });
    return [register.name, { register, upstream, catalogue }];
  });
  return new Map(entries);
}

type Wired = Omit<
  ListenerOptions,
  | "addressing"
  | "enforcementPoints"
  | "authzen"
  | "maxBodyBytes"
  | "bodyTimeoutMs"
  | "maxArgumentBytes"
  | "approvalTtlSeconds"
  | "maxCallsPerTask"
> & { readonly policies: Policies; readonly hosts: ReadonlySet<string> };

function listenerOptions(config: GatewayConfig, { hosts, ...wired }: Wired): ListenerOptions {
  const { table, policies, decisions, untrusted, clock, digestKey } = wired;
  const limits = { maxBodyBytes: config.maxBodyBytes, bodyTimeoutMs: 10_000, maxArgumentBytes: config.maxBodyBytes };
  const deps = { table, register: config.toolServers, policies, decisions, untrusted, clock, digestKey, ...limits };
  const { authzen } = config;
  return {
    ...wired,
    ...limits,
    addressing: { hosts, origins: new Set(config.origins) },
    enforcementPoints: new Set(authzen?.callers),
    authzen:
      authzen === undefined
        ? undefined
        : { url: authzen.url, ...limits, decide: (evaluation) => decideEvaluation(evaluation, deps) },
    approvalTtlSeconds: config.approvalTtlSeconds,
    maxCallsPerTask: config.maxCallsPerTask,
  };
}

async function listen(listener: Server, address: string): Promise<number> {
  const at = address.lastIndexOf(":");
  const host = address.slice(0, at).replace(/^\[|\]$/g, "");
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  listener.once("error", reject);
  listener.listen(Number(address.slice(at + 1)), host, resolve);
  try {
    await promise;
  } catch (cause) {
    throw new GatewayError("LISTEN_FAILED", `${address} can't be listened on`, { cause });
  }
  return (listener.address() as AddressInfo).port;
}

async function close(listener: Server, live: LiveCalls): Promise<void> {
  const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
  await live.cutAll("the gateway is stopping");
  listener.closeAllConnections();
  await closed;
}
