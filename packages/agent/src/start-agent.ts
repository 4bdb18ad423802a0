// SPDX-License-Identifier: Apache-2.0
import { createUnixAttestor } from "@mayfly/attestation";
import type { RpcChannel } from "@mayfly/rpc";
import { createLogger, type Logger } from "@mayfly/telemetry";
import { openAgentState } from "./agent-state.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { AgentConfig } from "./config/agent-config.ts";
import { watchExpiry } from "./entries/expiry-watch.ts";
import type { Delta } from "./entries/held-set.ts";
import { NodeLife } from "./identity/node-life.ts";
import { ServerConnector } from "./server/server-connector.ts";
import { Standing, type SyncMode } from "./standing.ts";
import { type DataDirectory, openDataDirectory } from "./state/data-directory.ts";
import { EntriesSaver } from "./state/entries-saver.ts";
import type { Issuer } from "./svid/issuer.ts";
import { JwtCache } from "./svid/jwt-cache.ts";
import { KeyPool } from "./svid/key-pool.ts";
import { SvidCache } from "./svid/svid-cache.ts";
import { TicketLimit } from "./tasks/ticket-limit.ts";
import { createTaskParts, type TaskParts } from "./tasks/task-parts.ts";
import { waitFor } from "./wake.ts";
import { workloadServices } from "./workload-api/services.ts";
import { WorkloadEndpoint } from "./workload-api/workload-endpoint.ts";

/** An agent at work. Disposing is `stop`. */
export interface RunningAgent extends AsyncDisposable {
  readonly socketPath: string;
  /** SPIFFE ID of the node; undefined until it attested. */
  readonly agentId: string | undefined;
  /** Resolves when the first answer of the server is applied. */
  ready(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Rejects when the agent can't go on, never resolves. */
  readonly failed: Promise<never>;
  /** Takes over what can change while it runs: the log level. Files are read anew whenever they are needed. */
  reload(config: AgentConfig): void;
  /** Ends streams with UNAVAILABLE, writes what is to be kept, closes the socket; under 5 s. Idempotent. */
  stop(): Promise<void>;
}

/** A call is held so long while the agent does not know what the server says. */
const unsettledHoldMs = 8000;

/**
 * Starts an agent. Resolves when the Workload API socket listens, whether the node attested or not.
 * @throws {AgentError} DATA_DIR_IN_USE, DATA_DIR_MISMATCH, STATE_UNREADABLE, STATE_UNSAFE, SECRET_UNREADABLE, SOCKET_PATH_UNSAFE;
 * {AttestationError} ENROLMENT_MALFORMED
 */
export async function startAgent(config: AgentConfig): Promise<RunningAgent> {
  const log = createLogger({ level: config.logLevel, format: config.logFormat });
  const clock = systemClock;
  await using resources = new AsyncDisposableStack();
  const directory = resources.use(await openDataDirectory(config.dataDir));
  const state = await openAgentState(config, directory, { clock, log });
  const { tasks, ...parts } = assemble(config, state, { clock, log, directory });
  resources.use(parts.saver);
  resources.use(tasks.bindings);
  resources.use(tasks.keeper);
  if (state.agentId !== undefined) await tasks.keeper.resume(state.agentId);
  resources.use(parts.endpoint);
  await parts.endpoint.listen(config.socket);
  log.info("workload_api_listening", { path: config.socket, trust_domain: state.introduction.trustDomain.name });
  return run(config, parts, { resources: resources.move(), log });
}

interface Context {
  readonly clock: Clock;
  readonly log: Logger;
}

interface Parts {
  readonly standing: Standing;
  readonly life: NodeLife;
  readonly endpoint: WorkloadEndpoint;
  readonly saver: EntriesSaver;
  readonly tasks: TaskParts;
  /** Loops that go on until the signal is aborted. */
  readonly loops: readonly ((signal: AbortSignal) => Promise<void>)[];
}

function assemble(
  config: AgentConfig,
  { introduction, store, held }: Awaited<ReturnType<typeof openAgentState>>,
  context: Context & { readonly directory: DataDirectory },
): Parts {
  const { clock, log } = context;
  const { bindingsFile, entriesFile } = context.directory;
  const standing = new Standing();
  // Read only when something is to be issued; by then the node's life has begun.
  const issuer = (): Issuer | undefined => life.session?.issuer;
  const keys = new KeyPool();
  const svids = new SvidCache({ held, standing, keys, issuer, clock, log });
  const tokens = new JwtCache({ held, issuer, clock });
  const channel = (): RpcChannel | undefined => life.session?.channel;
  const tasks = createTaskParts({ held, svids, tokens, standing, channel, clock, log, bindingsFile });
  const agentId = (): string | undefined => standing.svid?.id;
  const saver = new EntriesSaver({ path: entriesFile, held, agentId, log });
  const apply = (delta: Delta, mode: SyncMode): void => {
    const before = held.ownBundle;
    held.apply(delta);
    if (held.ownBundle !== undefined && held.ownBundle !== before) {
      store.keepBundle(held.ownBundle.stored).catch((error: unknown) => log.warn("bundle_not_saved", { error }));
    }
    svids.review();
    tokens.review();
    standing.synced(mode, clock.now());
    saver.mark();
  };
  const connector = new ServerConnector(introduction.servers);
  const target = { held, clock, log, apply };
  const life = new NodeLife({ config, introduction, connector, store, standing, clock, log, target });
  const services = workloadServices({
    attestors: [createUnixAttestor(config.unix)],
    held,
    standing,
    svids,
    tokens,
    clock,
    log,
    trustDomain: introduction.trustDomain.name,
    bindings: tasks.bindings,
    tasks: tasks.table,
    streams: tasks.streams,
    keeper: tasks.keeper,
    channel,
    limit: new TicketLimit(),
    refusalHoldMs: config.refusalHoldSeconds * 1000,
    unsettledHoldMs,
    connections: () => endpoint.connections,
  });
  const endpoint = new WorkloadEndpoint({ services, log });
  keys.refill();
  const loops = [
    (signal: AbortSignal) => life.run(signal),
    (signal: AbortSignal) => svids.run(signal),
    (signal: AbortSignal) => tasks.guard.run(signal),
    (signal: AbortSignal) => watchExpiry(held, standing, { clock, signal }),
  ];
  return { standing, life, endpoint, saver, tasks, loops };
}

function run(
  config: AgentConfig,
  { standing, loops }: Pick<Parts, "standing" | "loops">,
  { resources, log }: { readonly resources: AsyncDisposableStack; readonly log: Logger },
): RunningAgent {
  const controller = new AbortController();
  const { signal } = controller;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const running = loops.map((loop) =>
    loop(signal).catch((error: unknown) => {
      if (signal.aborted) return;
      log.error("agent_failed", { error });
      failed.reject(error);
    }),
  );
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    controller.abort(new Error("the agent is stopping"));
    await Promise.all(running);
    await resources.disposeAsync();
  };
  return {
    socketPath: config.socket,
    get agentId() {
      return standing.svid?.id;
    },
    failed: failed.promise,
    ready: async (options = {}) => {
      const until = AbortSignal.any([signal, ...(options.signal ? [options.signal] : [])]);
      for (;;) {
        const changed = standing.changes.next;
        if (standing.settled) return;
        await Promise.race([waitFor(changed, { signal: until }), failed.promise]);
      }
    },
    reload: ({ logLevel }) => {
      log.level = logLevel;
      // The trust bundle file is read whenever it is needed.
      log.info("configuration_reloaded", { log_level: logLevel });
    },
    stop: () => (stopping ??= stop()),
    [Symbol.asyncDispose]() {
      return this.stop();
    },
  };
}
