// SPDX-License-Identifier: Apache-2.0
import { setDigest } from "@mayfly/registration";
import {
  type GuardMessage,
  type GuardOrder,
  mayflyAgentService,
  mayflyGuardsService,
  type RpcChannel,
  type Sent,
  type SyncRequest,
  type TaskStanding,
} from "@mayfly/rpc";

/** Messages to a stream, as they are put in, until it is closed. */
class Outbox<Message> {
  readonly #messages: Message[] = [];
  #ring: () => void = () => undefined;
  #closed = false;

  put(message: Message): void {
    this.#messages.push(message);
    this.#ring();
  }

  close(): void {
    this.#closed = true;
    this.#ring();
  }

  async *take(): AsyncGenerator<Message> {
    while (!this.#closed) {
      yield* this.#messages.splice(0);
      await new Promise<void>((resolve) => {
        this.#ring = resolve;
      });
    }
  }
}

/** The guard's half of a Watch stream: beats, applies, reports that it is done with what is not active. */
export class GuardUnderTest {
  readonly tasks = new Map<string, TaskStanding>();
  /** When each task was last told, ms of the monotonic clock. */
  readonly toldAt = new Map<string, number>();
  readonly over: Promise<unknown>;
  orders = 0;
  beats = 0;
  /** False: takes orders and says nothing. */
  answers = true;
  readonly #out = new Outbox<Sent<GuardMessage>>();
  readonly #timer: NodeJS.Timeout;
  #seen = "0";
  #isSnapshotOpen = false;
  #sequence = 0;

  constructor(channel: RpcChannel, kind: string, { beatMs = 200, processAgeMs = 0 } = {}) {
    this.#out.put({ hello: { kind, version: "test", process_age_ms: String(processAgeMs) } });
    this.over = this.#follow(channel).catch((error: unknown) => error);
    this.#timer = setInterval(() => this.#beat(), beatMs).unref();
  }

  report(report: Sent<GuardMessage["report"]>): void {
    this.#out.put({ report });
  }

  state(id: string): string | undefined {
    return this.tasks.get(id)?.state;
  }

  /** As a process that is stopped: the stream stays, nothing is said on it. */
  sleep(): void {
    clearInterval(this.#timer);
    this.answers = false;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#out.close();
  }

  #beat(): void {
    this.#sequence += 1;
    this.#out.put({ beat: { seen_revision: this.answers ? this.#seen : "0", sequence: String(this.#sequence) } });
  }

  async #follow(channel: RpcChannel): Promise<void> {
    for await (const order of channel.bidi(mayflyGuardsService.methods.Watch, this.#out.take())) this.#apply(order);
  }

  #apply({ beat, tasks, snapshot, more, revision }: GuardOrder): void {
    this.orders += 1;
    if (beat) this.beats += 1;
    if (snapshot && !this.#isSnapshotOpen) this.tasks.clear();
    this.#isSnapshotOpen = more;
    for (const standing of tasks) {
      this.toldAt.set(standing.task_id, performance.now());
      this.tasks.set(standing.task_id, standing);
      if (standing.state === "active" || !this.answers) continue;
      this.report({ task_id: standing.task_id, revision: standing.revision, grants: [], done: true });
    }
    this.#seen = revision;
  }
}

/** An agent's Sync stream: holds entries and acknowledges. */
export class SyncUnderTest {
  readonly entries = new Map<string, string>();
  readonly over: Promise<unknown>;
  acknowledges = true;
  readonly #out = new Outbox<Sent<SyncRequest>>();

  constructor(channel: RpcChannel) {
    const nothing = Buffer.from(setDigest(new Map()));
    this.#out.put({
      open: { entries_digest: nothing, bundles_digest: nothing, seen_revision: "0", agent_version: "" },
    });
    this.over = this.#follow(channel).catch((error: unknown) => error);
  }

  stop(): void {
    this.#out.close();
  }

  async #follow(channel: RpcChannel): Promise<void> {
    for await (const response of channel.bidi(mayflyAgentService.methods.Sync, this.#out.take())) {
      for (const { entry, version } of response.entries) this.entries.set(entry?.id ?? "", version);
      for (const id of response.removed_entry_ids) this.entries.delete(id);
      if (response.more || !this.acknowledges) continue;
      this.#out.put({ ack: { nonce: response.nonce, revision: response.revision } });
    }
  }
}
