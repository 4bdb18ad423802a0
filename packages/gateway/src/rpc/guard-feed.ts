// SPDX-License-Identifier: Apache-2.0
import { setTimeout as wait } from "node:timers/promises";
import { type GuardMessage, type GuardOrder, mayflyGuardsService, type RpcChannel, type Sent } from "@mayfly/rpc";
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "../clock.ts";
import type { CutReport, StandingReceiver, TaskFeed } from "../ports/task-feed.ts";
import { gatewayVersion } from "../version.ts";
import { BeatClock } from "./beat-clock.ts";
import { MessageQueue } from "./message-queue.ts";
import { readOrder } from "./read-order.ts";

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

  constructor(channel: RpcChannel, parts: { readonly clock: Clock; readonly log: Logger }) {
    this.#channel = channel;
    this.#clock = parts.clock;
    this.#log = parts.log;
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
    const stream: Stream = { receiver, queue: new MessageQueue(), beats: new BeatClock(this.#clock) };
    const { queue, beats } = stream;
    let seen = "0";
    const beat = (): void => {
      if (beats.oldestMs() > maxSilenceMs) silence.abort(new Error("the server answers no heartbeat"));
      queue.push({ beat: { seen_revision: seen, sequence: String(beats.send()) } });
    };
    queue.push({ hello: { kind: "gateway", version: gatewayVersion } });
    beat();
    const timer = setInterval(beat, beatMs);
    try {
      const options = { signal: AbortSignal.any([signal, silence.signal]) };
      for await (const order of this.#channel.bidi(Watch, queue, options)) {
        this.#take(order, stream);
        seen = order.revision;
        succeeded();
      }
    } finally {
      clearInterval(timer);
      queue.end();
    }
  }

  #take(message: GuardOrder, { receiver, queue, beats }: Stream): void {
    const order = readOrder(message);
    // In force before the order counts as a sign of life. Reports follow when the cuts are proven; the next order does not wait for it.
    receiver.apply(order).then(
      (reports) => {
        for (const report of reports) queue.push({ report: reportMessage(report) });
      },
      (error: unknown) => this.#log.error("cut_failed", { error }),
    );
    const proof = beats.answered(BigInt(message.answered));
    if (proof !== undefined) receiver.heard(proof);
  }
}

interface Stream {
  readonly receiver: StandingReceiver;
  readonly queue: MessageQueue<Sent<GuardMessage>>;
  readonly beats: BeatClock;
}

function reportMessage({ taskId, revision, connections }: CutReport): Sent<NonNullable<GuardMessage["report"]>> {
  const grants = connections.map(({ ref, evidence }) => ({
    kind: "connection",
    ref,
    gone: true,
    evidence_json: JSON.stringify(evidence),
  }));
  return { task_id: taskId, revision: String(revision), grants, done: true };
}
