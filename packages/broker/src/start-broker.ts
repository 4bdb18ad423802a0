// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import type { SpiffeIdMatcher } from "@mayfly/spiffe";
import { createTlsServer, type X509Source } from "@mayfly/spiffe-client";
import type { Logger, SpanSink } from "@mayfly/telemetry";
import type { AccountOrders } from "./accounts/account-orders.ts";
import { followAccountOrders } from "./accounts/follow-account-orders.ts";
import { LeaseError } from "./errors.ts";
import { TaskCuts } from "./guard/cut-task.ts";
import type { GuardFeed } from "./guard/guard-feed.ts";
import { TaskWatch } from "./guard/task-watch.ts";
import { LeaseBook } from "./lease/lease-book.ts";
import type { LeaseLedger } from "./lease/lease-ledger.ts";
import { PostgresTarget } from "./postgres/postgres-target.ts";
import type { PostgresTargetConfig } from "./postgres/target-config.ts";
import { followOrders } from "./reconcile/follow-orders.ts";
import { Reconciler } from "./reconcile/reconciler.ts";
import { Door } from "./relay/door.ts";

/** What a broker is made of. */
export interface BrokerOptions {
  /** Its own SVID and the bundles. */
  readonly source: X509Source;
  readonly listen: { readonly host: string; readonly port: number };
  /** Who may ask for leases. */
  readonly toolServers: SpiffeIdMatcher;
  /** Whose statements of calls count. */
  readonly gateways: SpiffeIdMatcher;
  readonly targets: readonly PostgresTargetConfig[];
  readonly ledger: LeaseLedger;
  readonly feed: GuardFeed;
  /** Default: nobody orders anything about accounts that are no lease's. */
  readonly accountOrders?: AccountOrders | undefined;
  readonly logger: Logger;
  /** Default: nowhere. */
  readonly spans?: SpanSink | undefined;
  /** Default 60,000. */
  readonly reconcileEveryMs?: number | undefined;
  /** Default 500. */
  readonly firstRetryMs?: number | undefined;
}

/** A broker at work. Disposing ends its leases, as far as that can be done in some seconds, and then stops. */
export interface Broker extends AsyncDisposable {
  readonly port: number;
  /** Rejects when it can't go on, never resolves: {LeaseError} NOT_A_BROKER; what ended the source; a failure of the listener. */
  readonly failed: Promise<never>;
  readonly book: LeaseBook;
  readonly reconciler: Reconciler;
  readonly targets: ReadonlyMap<string, PostgresTarget>;
}

/** @throws {LeaseError} TARGET_UNSAFE, TARGET_UNAVAILABLE, LISTEN_FAILED; {SourceError} */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { ledger, feed, logger, source } = options;
  const targets = await openTargets(options);
  const stop = new AbortController();
  const sockets = new Set<TLSSocket>();
  try {
    const cuts = new TaskCuts(feed, () => book, logger);
    const watch = new TaskWatch({ feed, logger, onCut: (standing) => cuts.cut(standing), onTick: () => book.tick() });
    const book: LeaseBook = new LeaseBook({
      targets,
      ledger,
      watch,
      logger,
      spans: options.spans,
      by: () => source.svid.id.toString(),
      onChange: ({ lease, state }) => cuts.changed(lease.taskId, lease.id, state === "gone"),
      firstRetryMs: options.firstRetryMs,
    });
    const reconciler = new Reconciler({ targets, ledger, book, logger, everyMs: options.reconcileEveryMs });
    const server = await listen(options, new Door({ source, gateways: options.gateways, book, logger }), sockets);
    const orders = followOrders({ ledger, book, logger }, stop.signal);
    const accounts = options.accountOrders && { targets, logger, orders: options.accountOrders };
    const changes = accounts && followAccountOrders(accounts, stop.signal);
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    server.on("error", failed.reject);
    const parts = [watch.run(stop.signal), reconciler.run(stop.signal), orders, changes, follow(source, stop.signal)];
    const running = Promise.all(parts.map(async (part) => await Promise.resolve(part).catch(failed.reject)));
    const close = async (): Promise<void> => {
      server.close();
      await book.close();
      for (const socket of sockets) socket.destroy();
      stop.abort();
      await running;
      await closeTargets(targets);
    };
    let closing: Promise<void> | undefined;
    return {
      port: (server.address() as AddressInfo).port,
      failed: failed.promise,
      book,
      reconciler,
      targets,
      [Symbol.asyncDispose]: async () => await (closing ??= close()),
    };
  } catch (error) {
    await closeTargets(targets);
    throw error;
  }
}

async function openTargets({ targets, logger }: BrokerOptions): Promise<ReadonlyMap<string, PostgresTarget>> {
  const opened = new Map<string, PostgresTarget>();
  try {
    for (const config of targets) opened.set(config.name, await PostgresTarget.open(config, logger));
    return opened;
  } catch (error) {
    await closeTargets(opened);
    throw error;
  }
}

async function closeTargets(targets: ReadonlyMap<string, PostgresTarget>): Promise<void> {
  for (const target of targets.values()) await target[Symbol.asyncDispose]();
}

async function listen(
  { source, toolServers, logger, listen: { host, port } }: BrokerOptions,
  door: Door,
  sockets: Set<TLSSocket>,
): Promise<ReturnType<typeof createTlsServer>> {
  const server = createTlsServer(
    {
      source,
      authorize: toolServers,
      handshakeTimeout: 5_000,
      onRefused: (error) => logger.warn("peer_refused", { error }),
    },
    (socket, peer) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      void door.serve(socket, peer);
    },
  );
  server.maxConnections = 2_000;
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new LeaseError("LISTEN_FAILED", `${host}, port ${port} can't be listened on`, { cause });
  }
  return server;
}

/** Until the signal, or the end of the source. @throws what ended it */
async function follow(source: X509Source, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of source.updates({ signal })) continue;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
