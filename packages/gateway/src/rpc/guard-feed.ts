// SPDX-License-Identifier: Apache-2.0
import { setTimeout as wait } from "node:timers/promises";
import {
  type GrantReport,
  type GuardMessage,
  type GuardOrder,
  type GuardReport,
  mayflyGuardsService,
  MessageQueue,
  type RpcChannel,
  type Sent,
  type SnapshotParts,
} from "@mayfly/rpc";
import type { TaskId } from "@mayfly/tasks";
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "../clock.ts";
import type { CutReport, StandingReceiver, TaskFeed, TaskStanding, ToldConnection } from "../ports/task-feed.ts";
import { gatewayVersion } from "../version.ts";
import { BeatClock } from "./beat-clock.ts";
import { readOrder } from "./read-order.ts";
import { snapshotParts } from "./snapshot-parts.ts";

const { Watch } = mayflyGuardsService.methods;
const beatMs = 1000;
/** A stream that answers no beat for so long is given up and opened anew. */
const maxSilenceMs = 2500;
const retryMs = [100, 250, 500, 1000] as const;

/** The standings over `mayfly.task.v1.Guards`: one stream for the gateway's life, opened again whenever it ends. */
export class GuardFeed implements TaskFeed {
  readonly #channel: RpcChannel;
  readonly #clock: Clock;
  readonly #log: Logger;
  #queue: Stream["queue"] | undefined;

  constructor(channel: RpcChannel, parts: { readonly clock: Clock; readonly log: Logger }) {
    this.#channel = channel;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  connection(taskId: TaskId, connection: ToldConnection): void {
    this.#queue?.push({ report: { task_id: taskId, grants: [grantMessage(connection)] } });
  }

  async run(receiver: StandingReceiver, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.#follow(receiver, signal, () => (failures = 0));
      } catch (error) {
        if (signal.aborted) return;
        this.#log.warn("guard_stream_lost", { error });
      }
      await wait(retryMs[Math.min(failures, retryMs.length - 1)], undefined, { signal }).catch(() => undefined);
    }
  }

  async #follow(receiver: StandingReceiver, signal: AbortSignal, succeeded: () => void): Promise<void> {
    const silence = new AbortController();
    const stream: Stream = {
      receiver,
      queue: new MessageQueue(),
      beats: new BeatClock(this.#clock),
      parts: snapshotParts(),
      applied: Promise.resolve(),
      seen: "0",
    };
    const { queue, beats } = stream;
    const beat = (): void => {
      if (beats.oldestMs() > maxSilenceMs) silence.abort(new Error("the server answers no heartbeat"));
      queue.push({ beat: { seen_revision: stream.seen, sequence: String(beats.send()) } });
    };
    const age = String(Math.ceil(performance.now()));
    queue.push({ hello: { kind: "gateway", version: gatewayVersion, process_age_ms: age } });
    beat();
    this.#queue = queue;
    const timer = setInterval(beat, beatMs);
    try {
      const options = { signal: AbortSignal.any([signal, silence.signal]) };
      for await (const order of this.#channel.bidi(Watch, queue, options)) {
        this.#take(order, stream);
        succeeded();
      }
    } finally {
      clearInterval(timer);
      this.#queue = undefined;
      queue.end();
    }
  }

  #take(message: GuardOrder, stream: Stream): void {
    const { receiver, queue, beats, parts } = stream;
    const { tasks: named, isSnapshot } = readOrder(message);
    const tasks = parts.take(message, named);
    // Half a snapshot is neither news nor a sign that what is known is up to date.
    if (tasks === undefined) return;
    // In force before the order counts as a sign of life. Reports follow when the cuts are proven; the next order does not wait for it.
    const cuts = receiver.apply({ tasks, isSnapshot });
    stream.applied = this.#report(cuts, { before: stream.applied, queue }).then((isDone) => {
      // An order counts as seen when all that it cuts is cut.
      if (isDone) stream.seen = message.revision;
    });
    const proof = beats.answered(BigInt(message.answered));
    if (proof !== undefined) receiver.heard(proof);
  }

  async #report(
    cuts: Promise<readonly CutReport[]>,
    { before, queue }: { readonly before: Promise<void>; readonly queue: Stream["queue"] },
  ): Promise<boolean> {
    try {
      for (const report of (await cuts).flatMap(reportMessages)) queue.push({ report });
      await before;
      return true;
    } catch (error) {
      this.#log.error("cut_failed", { error });
      return false;
    }
  }
}

interface Stream {
  readonly receiver: StandingReceiver;
  readonly queue: MessageQueue<Sent<GuardMessage>>;
  readonly beats: BeatClock;
  readonly parts: SnapshotParts<TaskStanding>;
  /** Settles when all orders up to now are carried out. */
  applied: Promise<void>;
  /** Revision of the last order that is carried out with all before it. */
  seen: string;
}

/** Stands for all connections of the task at this gateway: those that an earlier process of it told of, too. */
const all = "*";

/** First each connection with its own proof, then that there is none. */
function reportMessages({ taskId, revision, connections, evidence }: CutReport): Sent<GuardReport>[] {
  const named = { task_id: taskId, revision: String(revision) };
  const last = { ...named, grants: [grantMessage({ ref: all, evidence })], done: true };
  return connections.length === 0 ? [last] : [{ ...named, grants: connections.map(grantMessage) }, last];
}

function grantMessage({ ref, evidence }: ToldConnection): Sent<GrantReport> {
  const proof = evidence === undefined ? {} : { evidence_json: JSON.stringify(evidence) };
  return { kind: "connection", ref, gone: evidence !== undefined, ...proof };
}
