// SPDX-License-Identifier: Apache-2.0
import { hostname } from "node:os";
import { createLogger, type Logger } from "@mayfly/telemetry";
import { type Clock, systemClock } from "./clock.ts";
import type { ServerConfig } from "./config/server-config.ts";
import { runPruning } from "./prune.ts";
import { RecentErrors } from "./recent-errors.ts";
import { RunGroup } from "./run-group.ts";
import { openAdmin, openTcp, type Parts } from "./open-listeners.ts";
import { openState } from "./state.ts";
import { ServerIdentity } from "./transport/server-identity.ts";
import type { TlsListener } from "./transport/tls-listener.ts";
import { wire } from "./wire.ts";

/** A server that serves. Disposing is `stop`. */
export interface RunningServer extends AsyncDisposable {
  /** Where agents reach it. */
  readonly address: { readonly host: string; readonly port: number };
  readonly adminSocket: string;
  readonly trustDomain: string;
  /** Rejects when a part fails for good; the owner should stop the server then. */
  readonly failed: Promise<never>;
  /** Takes over what can change while it runs: the log level. */
  reload(config: ServerConfig): void;
  /** Open calls get a moment to finish; done in under 5 s. Idempotent. */
  stop(): Promise<void>;
}

/** How a server may be started otherwise than by its configuration. */
export interface StartServerOptions {
  /** `memory`: authority keys end with the process, for throw-away trust domains. Default `disk`. */
  readonly keys?: "disk" | "memory" | undefined;
  readonly clock?: Clock | undefined;
  /** Default: to standard error as the configuration says. */
  readonly logger?: Logger | undefined;
}

function startParts(group: RunGroup, { clock, logger, state, identity }: Parts, listener: TlsListener): void {
  const { datastore, signing, views } = state;
  const present = (): void => {
    listener.update(identity.material());
  };
  group.start((signal) => signing.run(signal));
  group.start((signal) => identity.run(signal, present));
  const { entries, joinTokens: tokens } = datastore;
  const clockIsBelieved = (): boolean => signing.problem() !== "SIGNER_CLOCK_UNTRUSTED";
  group.start((signal) => runPruning({ entries, tokens, clock, clockIsBelieved, logger }, signal));
  group.start((signal) => Promise.race([datastore.failed, aborted(signal)]));
  views.onChange(({ kind }) => {
    // The roots in the handshake's request for a certificate.
    if (kind === "bundle") setImmediate(present);
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function reachableAt(host: string, port: number): string {
  const anywhere = host === "0.0.0.0" || host === "::";
  const name = anywhere ? hostname() : host;
  return `${name.includes(":") ? `[${name}]` : name}:${String(port)}`;
}

/** Opens everything, listens, and keeps authorities and its own SVID fresh. @throws {ServerStateError} @throws {StoreError} @throws {KeyStoreError} */
export async function startServer(config: ServerConfig, options: StartServerOptions = {}): Promise<RunningServer> {
  const { keys = "disk", clock = systemClock } = options;
  const recentErrors = new RecentErrors(clock);
  const base = options.logger ?? createLogger({ level: config.logLevel, format: config.logFormat });
  const logger = recentErrors.watch(base);
  await using opened = new AsyncDisposableStack();
  const state = opened.use(await openState(config, { keys, clock, logger }));
  const { trustDomain } = config;
  const identity = await ServerIdentity.open({ ...state, trustDomain, clock, logger });
  let port = config.bind.port;
  const listenerAddress = (): string => reachableAt(config.bind.host, port);
  const wired = opened.use(wire(config, { state, identity, clock, logger, recentErrors, listenerAddress }));
  const parts: Parts = { config, clock, logger, state, identity, wired };
  const { listener } = opened.use(await openTcp(parts));
  ({ port } = listener.address);
  const { admin } = opened.use(await openAdmin(parts));
  const group = new RunGroup();
  startParts(group, parts, listener);
  group.start((signal) => admin.run(signal, logger));
  opened.defer(() => group.stop());
  logger.info("server_started", {
    trust_domain: trustDomain,
    address: listenerAddress(),
    admin_socket: config.serverSocket,
  });
  const owned = opened.move();
  return running(parts, { port, failed: group.failed, stop: () => owned.disposeAsync() });
}

function running(
  { config, logger }: Parts,
  { port, failed, stop: close }: { port: number; failed: Promise<never>; stop: () => Promise<void> },
): RunningServer {
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= close().then(() => {
      logger.info("server_stopped");
    });
    return stopping;
  };
  return {
    address: { host: config.bind.host, port },
    adminSocket: config.serverSocket,
    trustDomain: config.trustDomain,
    failed,
    reload: ({ logLevel }) => {
      logger.level = logLevel;
      logger.info("configuration_reloaded", { log_level: logLevel });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
