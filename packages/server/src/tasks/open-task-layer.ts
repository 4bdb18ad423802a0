// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Signer } from "@mayfly/ca";
import type { Datastore } from "@mayfly/datastore";
import { createNoteSigner, LogWriter } from "@mayfly/journal";
import type { Grant, TaskId } from "@mayfly/tasks";
import type { Logger, SpanSink } from "@mayfly/telemetry";
import type { Clock } from "../clock.ts";
import type { SyncHub } from "../sync/sync-hub.ts";
import type { AuthorizedEntries } from "../views/authorized-entries.ts";
import type { LiveViews } from "../views/live-views.ts";
import { LostCalls } from "./calls/lost-calls.ts";
import { OpenCalls } from "./calls/open-calls.ts";
import { Deadlines } from "./ending/deadlines.ts";
import { Endings } from "./ending/endings.ts";
import { RemovedEntries } from "./ending/removed-entries.ts";
import { RecordingSigner } from "./issuance/recording-signer.ts";
import { type SvidLifetimes, Withdrawal } from "./ending/withdrawal.ts";
import { SvidEnds } from "./issuance/svid-ends.ts";
import { endTasks } from "./lifecycle/end-tasks.ts";
import { DecisionSums } from "./record/decision-sums.ts";
import { Recorder } from "./record/recorder.ts";
import { repairRecord } from "./record/repair-record.ts";
import { EndSpans } from "./spans/end-spans.ts";
import { GuardHub } from "./standing/guard-hub.ts";
import { LiveTasks } from "./standing/live-tasks.ts";
import { takeReport } from "./standing/take-report.ts";
import type { TaskLayer } from "./task-layer.ts";
import { Tidying, type TidyingOptions } from "./tidying.ts";

/** What the task layer stands on. */
export interface OpenTaskLayerOptions {
  readonly trustDomain: string;
  readonly datastore: Datastore;
  readonly views: LiveViews;
  readonly authorized: AuthorizedEntries;
  readonly hub: SyncHub;
  readonly signer: Signer;
  readonly recordKey: KeyObject;
  readonly tidying: TidyingOptions;
  readonly lifetimes: SvidLifetimes;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly spans: SpanSink;
}

async function openRecord({ trustDomain, datastore, recordKey, logger }: OpenTaskLayerOptions): Promise<{
  readonly writer: LogWriter;
  readonly vkey: string;
}> {
  // The log's origin: C2SP tlog-checkpoint asks for a name that is nobody else's.
  const signer = createNoteSigner(`${trustDomain}/mayfly-record`, recordKey);
  const writer = await LogWriter.open({
    store: datastore.record,
    signer,
    clock: { sleep: async (ms, signal) => await sleep(ms, undefined, { signal, ref: false }) },
    onFailure: (error) => logger.error("record_failed", { error: (error as Error).message }),
  });
  return { writer, vkey: signer.key.toString() };
}

/** What tasks and their guards are known by. */
function openStandings(opened: AsyncDisposableStack, options: OpenTaskLayerOptions, live: LiveTasks) {
  const { trustDomain, views, authorized } = options;
  const guards = opened.use(new GuardHub({ trustDomain, live, views, authorized }));
  return { live, guards, removed: opened.use(new RemovedEntries(views)) };
}

type Known = ReturnType<typeof openStandings> & {
  readonly recorder: Recorder;
  readonly serverId: string;
  readonly startedAt: number;
};

/** What follows ends to their end, and what guards report about them. */
function openEndings(options: OpenTaskLayerOptions, known: Known) {
  const { datastore, clock, logger, views, hub } = options;
  const { tasks, grants } = datastore;
  const ends = new SvidEnds(clock);
  const openCalls = new OpenCalls({ ...datastore, ...known, clock });
  const endings = new Endings({
    ...known,
    tasks,
    grants,
    clock,
    logger,
    views,
    hub,
    foreignMs: (ended) => ends.foreignMs(ended),
    closeCalls: async (ended) => {
      for (const { id } of ended) ends.forget(id);
      await openCalls.close(ended);
    },
  });
  const proven = (grant: Grant): void => endings.proven(grant);
  const look = (): void => endings.look();
  const { live } = known;
  known.guards.reports = async (guard, report) =>
    await takeReport({ live, grants, clock, logger, proven, look }, guard, report);
  return { endings, openCalls, signer: new RecordingSigner({ ...known, signer: options.signer, ends }) };
}

/** Entries without a task, on their way out, for as long as the server runs. */
function openWithdrawals(
  opened: AsyncDisposableStack,
  options: OpenTaskLayerOptions,
  known: Known,
): TaskLayer["withdraw"] {
  const withdrawals = new Set<Withdrawal>();
  opened.defer(() => {
    for (const withdrawal of withdrawals) withdrawal[Symbol.dispose]();
  });
  return (entries) => {
    for (const each of withdrawals) if (each.isQuiet) withdrawals.delete(each);
    const withdrawal = new Withdrawal({ ...options, ...known }, entries);
    withdrawals.add(withdrawal);
    return withdrawal;
  };
}

/** Opens the record, takes up ends that were under way, and starts to watch deadlines. @throws {JournalError} LOG_INCONSISTENT @throws {StoreError} */
export async function openTaskLayer(options: OpenTaskLayerOptions): Promise<TaskLayer> {
  const { trustDomain, datastore, clock, logger } = options;
  await using opened = new AsyncDisposableStack();
  const { writer, vkey } = await openRecord(options);
  opened.use(writer);
  const recorder = new Recorder({ writer, clock, logger });
  await repairRecord({ ...datastore, writer, recorder, serverId: serverIdOf(trustDomain) });
  const standings = openStandings(opened, options, await LiveTasks.load(datastore.tasks));
  const known = { ...standings, recorder, serverId: serverIdOf(trustDomain), startedAt: performance.now() };
  const { endings, openCalls, signer } = openEndings(options, known);
  opened.use(endings);
  const stores = { stores: datastore, entries: datastore.entries, nodes: datastore.nodes };
  const withdraw = openWithdrawals(opened, options, known);
  const decisionSums = opened.use(new DecisionSums({ recorder, clock }));
  const parts = { ...options, ...known, ...stores, writer, vkey, decisionSums, withdraw, endings, openCalls, signer };
  const layer: TaskLayer = { ...parts, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  opened.use(new EndSpans({ ...options, live: known.live }));
  opened.use(new Deadlines(known.live, clock, async (ids) => await expire(layer, ids)));
  opened.use(new LostCalls({ ...known, ...options.tidying, calls: datastore.calls, openCalls, clock, logger }));
  opened.use(new Tidying(layer, options.tidying));
  await endings.resume();
  const owned = opened.move();
  return layer;
}

function serverIdOf(trustDomain: string): string {
  return `spiffe://${trustDomain}/spire/server`;
}

async function expire(layer: TaskLayer, tops: readonly TaskId[]): Promise<void> {
  await endTasks(layer, {
    kind: "task",
    actor: { name: layer.serverId, serial: undefined },
    tops,
    reason: "expired",
    why: "",
    what: "deadline",
  });
}
