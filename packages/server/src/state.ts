// SPDX-License-Identifier: Apache-2.0
import { type KeyStore, openSigningService, type SigningService } from "@mayfly/ca";
import { type Datastore, openDatastore } from "@mayfly/datastore";
import { type Logger, openTracing } from "@mayfly/telemetry";
import type { Clock } from "./clock.ts";
import type { ServerConfig } from "./config/server-config.ts";
import { openDataDir } from "./data-dir.ts";
import { CountingSigner } from "./issuing/counting-signer.ts";
import { openKeys } from "./open-keys.ts";
import { mayActivate } from "./sync/activation-rule.ts";
import { SyncHub } from "./sync/sync-hub.ts";
import { openRecordKey } from "./tasks/record/record-key.ts";
import { openTaskLayer } from "./tasks/open-task-layer.ts";
import type { TaskLayer } from "./tasks/task-layer.ts";
import { AuthorizedEntries } from "./views/authorized-entries.ts";
import { serverVersion } from "./version.ts";
import { LiveViews } from "./views/live-views.ts";

/** What a server knows and can do, before anybody can reach it. Disposing closes all of it. */
export interface ServerState extends AsyncDisposable {
  readonly datastore: Datastore;
  readonly views: LiveViews;
  readonly authorized: AuthorizedEntries;
  readonly hub: SyncHub;
  readonly signing: SigningService;
  readonly signer: CountingSigner;
  readonly taskLayer: TaskLayer;
}

/** What opening needs besides the configuration. */
export interface StateOptions {
  readonly keys: "disk" | "memory";
  readonly clock: Clock;
  readonly logger: Logger;
}

async function openSigning(
  config: ServerConfig,
  { datastore, views, hub }: Pick<ServerState, "datastore" | "views" | "hub">,
  { keys, clock, logger }: Omit<StateOptions, "keys"> & { readonly keys: KeyStore },
): Promise<SigningService> {
  return await openSigningService({
    trustDomain: config.trustDomain,
    store: datastore.authorities,
    log: datastore.issuanceLog,
    keys,
    ttls: {
      x509SvidSeconds: config.x509SvidTtlSeconds,
      jwtSvidSeconds: config.jwtSvidTtlSeconds,
      agentSvidSeconds: config.agentSvidTtlSeconds,
      // As SPIRE does: the server lives by the rule that it makes for workloads.
      serverSvidSeconds: config.x509SvidTtlSeconds,
      authoritySeconds: config.caTtlSeconds,
    },
    logger: logger.child({ part: "signing" }),
    canActivate: (authority) => mayActivate({ trustDomain: config.trustDomain, hub, views, clock }, authority),
  });
}

/** Opens datastore, memory and signing service. @throws {ServerStateError} @throws {StoreError} @throws {KeyStoreError} */
export async function openState(config: ServerConfig, options: StateOptions): Promise<ServerState> {
  const { clock, logger } = options;
  const { trustDomain, keyEncryptionKeyFile: file } = config;
  const dataDir = openDataDir(config.dataDir, trustDomain);
  await using opened = new AsyncDisposableStack();
  const traced = { service: "mayfly-server", version: serverVersion, otlp: config.otlp };
  const spans = opened.use(await openTracing({ ...traced, log: logger }));
  const datastore = opened.use(await openDatastore({ file: dataDir.database, trustDomain }));
  const views = opened.use(await LiveViews.load({ ...datastore }, clock));
  const authorized = new AuthorizedEntries({ views, entries: datastore.entries, clock });
  const hub = opened.use(new SyncHub({ views, authorized, trustDomain }));
  const keys = await openKeys(options.keys, { dataDir, file, logger });
  const known = { datastore, views, authorized, hub };
  const signing = opened.use(await openSigning(config, known, { clock, logger, keys: keys.store }));
  const recordKey = await openRecordKey(dataDir, keys.encryptionKey);
  const clockIsBelieved = (): boolean => signing.problem() !== "SIGNER_CLOCK_UNTRUSTED";
  const tidying = { taskRetentionSeconds: config.taskRetentionSeconds, clockIsBelieved };
  const lifetimes = {
    x509Seconds: config.x509SvidTtlSeconds,
    jwtSeconds: config.jwtSvidTtlSeconds,
    caSeconds: config.caTtlSeconds,
  };
  const layerOptions = {
    ...known,
    trustDomain,
    signer: signing.signer,
    recordKey,
    tidying,
    lifetimes,
    clock,
    logger,
    spans,
  };
  const taskLayer = opened.use(await openTaskLayer(layerOptions));
  const signer = new CountingSigner(taskLayer.signer, clock);
  const owned = opened.move();
  return { ...known, signing, signer, taskLayer, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
