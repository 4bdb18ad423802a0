// SPDX-License-Identifier: Apache-2.0
import {
  type GuardMessage,
  type GuardOrder as OrderMessage,
  mayflyGuardsService,
  MessageQueue,
  type RpcChannel,
  type Sent,
  SnapshotParts,
  StatusError,
  type TaskStanding as StandingMessage,
} from "@mayfly/rpc";
import { type TaskState, type Tier, tierNames } from "@mayfly/tasks";
import { LeaseError } from "../errors.ts";
import type { GuardFeed, GuardOrder, GuardReport, TaskStanding } from "../guard/guard-feed.ts";
import { BeatTimes } from "./beat-times.ts";

const { Watch } = mayflyGuardsService.methods;
const states: readonly TaskState[] = ["proposed", "active", "suspended", "ending", "ended"];
const beatMs = 1_000;
/** A stream that answers no beat for so long is given up; the watch opens the next. */
const maxSilenceMs = 2_500;

/** The feed at the server, over `mayfly.task.v1.Guards`. */
export class RpcFeed implements GuardFeed {
  readonly #channel: RpcChannel;
  readonly #version: string;
  #queue: MessageQueue<Sent<GuardMessage>> | undefined;

  constructor(channel: RpcChannel, version: string) {
    this.#channel = channel;
    this.#version = version;
  }

  /** @throws {LeaseError} NOT_A_BROKER; {StatusError}; the signal's reason */
  async *watch({ signal }: { readonly signal: AbortSignal }): AsyncIterable<GuardOrder> {
    const silence = new AbortController();
    const queue = new MessageQueue<Sent<GuardMessage>>();
    const beats = new BeatTimes();
    const parts = new SnapshotParts<StandingMessage>((problem) => new Error(`the server ${problem}`));
    let seen = "0";
    const beat = (): void => {
      if (beats.oldestMs() > maxSilenceMs) silence.abort(new Error("the server answers no beat"));
      queue.push({ beat: { seen_revision: seen, sequence: String(beats.send()) } });
    };
    queue.push({ hello: { kind: "broker", version: this.#version } });
    beat();
    this.#queue = queue;
    const timer = setInterval(beat, beatMs);
    try {
      const options = { signal: AbortSignal.any([signal, silence.signal]) };
      for await (const part of this.#channel.bidi(Watch, queue, options)) {
        const tasks = parts.take(part, part.tasks);
        // Half a snapshot is neither news nor a sign of life.
        if (tasks === undefined) continue;
        // Taken when the watch asks for the next one.
        yield orderOf({ ...part, tasks }, beats);
        seen = part.revision;
        if (tasks.length > 0) beat();
      }
    } catch (error) {
      throw refusalOf(error);
    } finally {
      clearInterval(timer);
      queue.end();
      if (this.#queue === queue) this.#queue = undefined;
    }
  }

  async report({ taskId, revision, leases, isDone }: GuardReport): Promise<void> {
    // What is gone was reported with its evidence as a lease; what is still under way is no news.
    const grants = leases
      .filter(({ isGone, problem }) => !isGone && problem !== "")
      .map(({ id, problem }) => ({ grant_id: id, kind: "lease", ref: id, gone: false, evidence_json: "", problem }));
    if (grants.length === 0 && !isDone) return;
    this.#queue?.push({ report: { task_id: taskId, revision: String(revision), grants, done: isDone } });
    await Promise.resolve();
  }
}

/** gRPC's PERMISSION_DENIED: the server knows who it is, and that it is no broker. */
const permissionDenied = 7;

function refusalOf(cause: unknown): unknown {
  if (!(cause instanceof StatusError) || cause.code !== permissionDenied) return cause;
  const message =
    "the server does not take this SPIFFE ID as a broker: name it under `brokers` in the server's configuration";
  return new LeaseError("NOT_A_BROKER", message, { cause });
}

function orderOf(message: OrderMessage, beats: BeatTimes): GuardOrder {
  return {
    tasks: message.tasks.map(standingOf),
    isSnapshot: message.snapshot,
    provenAt: beats.answered(BigInt(message.answered)),
  };
}

/** What can't be read is a task that is not active: known, and refused. */
function standingOf(message: StandingMessage): TaskStanding {
  const state = states.find((each) => each === message.state) ?? "ending";
  const tier: Tier = tierNames.find((each) => each === message.tier) ?? "T3";
  return {
    taskId: message.task_id,
    state,
    tier,
    notAfter: new Date(Number(message.not_after_ms)),
    revision: Number(message.revision),
  };
}
