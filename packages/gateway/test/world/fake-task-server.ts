// SPDX-License-Identifier: Apache-2.0
import type { AddressInfo } from "node:net";
import {
  type BeginCallRequest,
  type GuardMessage,
  type GuardOrder,
  type GuardReport,
  mayflyCallsService,
  mayflyGuardsService,
  type RecordDecisionRequest,
  RpcServer,
  type Sent,
  served,
  StatusError,
  type TaskStanding,
} from "@mayfly/rpc";
import { createTlsServer, exact } from "@mayfly/spiffe-client";
import type { CallFacts, PlainDecision } from "../../src/index.ts";
import { MemoryLedger } from "./fake-ledger.ts";
import { idOf, identity } from "./identities.ts";

/** Speaks mayfly.task.v1 as the server does, over mTLS, with a ledger in memory. */
export interface FakeTaskServer extends AsyncDisposable {
  readonly address: string;
  readonly ledger: MemoryLedger;
  readonly reports: GuardReport[];
  /** Standings by task id; sent as the snapshot of a new stream. */
  readonly tasks: Map<string, Sent<TaskStanding>>;
  /** Tells the streams of a task. */
  push(standing: Sent<TaskStanding>): void;
  /** Stops answering beats. */
  silent: boolean;
  /** Streams that were opened. */
  streams: number;
}

/** Starts it on any port of 127.0.0.1. */
export async function startFakeTaskServer(): Promise<FakeTaskServer> {
  const ledger = new MemoryLedger();
  const sinks = new Set<(order: Sent<GuardOrder>) => void>();
  const fake = {
    ledger,
    reports: [] as GuardReport[],
    tasks: new Map<string, Sent<TaskStanding>>(),
    silent: false,
    streams: 0,
    push(standing: Sent<TaskStanding>) {
      fake.tasks.set(String(standing.task_id), standing);
      for (const sink of sinks) sink({ revision: String(standing.revision), tasks: [standing] });
    },
  };
  const guards = served(mayflyGuardsService, {
    Watch: (messages: AsyncIterable<GuardMessage>) => watch(messages, fake, sinks),
  });
  const server = new RpcServer<string>({ services: [guards, served(mayflyCallsService, callHandlers(ledger))] });
  const source = identity("/spire/server");
  const listener = createTlsServer(
    { source, authorize: exact(idOf("/gateway")), ALPNProtocols: ["h2"], noDelay: true },
    (socket, { id }) => void server.accept(socket, id.toString()),
  );
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  return Object.assign(fake, {
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await server.close(0);
      await new Promise((resolve) => listener.close(resolve));
    },
  });
}

async function* watch(
  messages: AsyncIterable<GuardMessage>,
  fake: Omit<FakeTaskServer, "address" | keyof AsyncDisposable>,
  sinks: Set<(order: Sent<GuardOrder>) => void>,
): AsyncGenerator<Sent<GuardOrder>> {
  const queue: Sent<GuardOrder>[] = [];
  let wake = (): void => undefined;
  let answered = "0";
  const state = { over: false };
  const sink = (order: Sent<GuardOrder>): void => {
    queue.push({ ...order, answered });
    wake();
  };
  const reading = (async () => {
    for await (const { hello, beat, report } of messages) {
      if (hello) {
        fake.streams += 1;
        sinks.add(sink);
        sink({ revision: "1", tasks: [...fake.tasks.values()], snapshot: true });
      }
      if (beat && !fake.silent) {
        answered = beat.sequence;
        sink({ revision: beat.seen_revision, beat: true });
      }
      if (report) fake.reports.push(report);
    }
  })().finally(() => {
    state.over = true;
    wake();
  });
  try {
    while (!state.over) {
      const order = queue.shift();
      if (order === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else yield order;
    }
  } finally {
    sinks.delete(sink);
    reading.catch(() => undefined);
  }
}

function callHandlers(ledger: MemoryLedger): Parameters<typeof served<typeof mayflyCallsService.methods, string>>[1] {
  return {
    BeginCall: async (request) => {
      const begun = await ledger.begin(factsOf(request));
      if ("refusal" in begun) return begun;
      return { call_id: begun.callId, record_index: String(begun.recordIndex) };
    },
    FinishCall: async ({ call_id, outcome, detail, duration_ms }) => {
      const value = outcome as "done" | "failed" | "unknown";
      await ledger.finish(call_id, { outcome: value, detail, durationMs: duration_ms });
      return { record_index: "0" };
    },
    RecordDenial: async ({ call, code, message, requestable }) => {
      await ledger.recordDenial(factsOf(call), { code, message, requestable });
      return { record_index: "0" };
    },
    RecordDecision: async (request) => {
      await ledger.recordDecision(decisionOf(request));
      return { record_index: "0" };
    },
    RequestApproval: async ({ call, arguments_json }) => {
      const { approvalId, notAfter, state } = await ledger.requestApproval(factsOf(call), arguments_json);
      return { approval_id: approvalId, not_after_ms: String(notAfter.getTime()), state };
    },
    PinTool: async ({ server, tool, definition_digest: digest, definition_json: definition }) => {
      const pinned = await ledger.pinTool({ server, tool, digest, definition });
      return { pinned, pinned_digest: ledger.pins.get(`${server}/${tool}`) ?? "" };
    },
  };
}

function decisionOf(request: RecordDecisionRequest): PlainDecision {
  return {
    kind: request.kind as PlainDecision["kind"],
    taskId: request.task_id === "" ? undefined : (request.task_id as PlainDecision["taskId"]),
    svidSerial: request.svid_serial,
    subject: request.subject,
    server: request.server,
    tool: request.tool,
    allowed: request.allowed,
    reasons: request.reasons,
    shown: request.shown,
    argumentsDigest: request.arguments_digest,
    policyDigest: request.policy_digest,
    policyIds: request.policy_ids,
    decisionId: request.decision_id,
    traceId: request.trace_id,
  };
}

function factsOf(request: BeginCallRequest | null): CallFacts {
  if (request === null) throw new StatusError(3, "a call is needed");
  return {
    taskId: request.task_id as CallFacts["taskId"],
    taskRevision: BigInt(request.task_revision),
    svidSerial: request.svid_serial,
    server: request.server,
    tool: request.tool,
    effect: request.effect as CallFacts["effect"],
    argumentsDigest: request.arguments_digest,
    canonicalDigest: request.canonical_digest,
    policyDigest: request.policy_digest,
    policyIds: request.policy_ids,
    approvalId: request.approval_id === "" ? undefined : request.approval_id,
    traceId: request.trace_id,
    spanId: "",
    decisionId: request.decision_id,
  };
}
