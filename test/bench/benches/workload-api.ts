// SPDX-License-Identifier: Apache-2.0
import { connect } from "node:net";
import { type RpcChannel, workloadApiService, type X509SVIDResponse } from "@mayfly/rpc";
import { cpuSeconds, type Report, residentMib, since } from "../measure.ts";
import { createEntries, firstAnswer, openWorkload, startTarget, type Target } from "../target.ts";

/** Before this many, a runtime that compiles as it goes still compiles. */
const warmUpFetches = 800;
const fetches = 400;
const idleStreams = 1_000;

async function fetchOnce(channel: RpcChannel): Promise<X509SVIDResponse> {
  for await (const response of channel.serverStream(workloadApiService.methods.FetchX509SVID, {})) return response;
  throw new Error("the stream ended without a message");
}

async function newConnections(socket: string, count: number): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 0; round < count; round++) {
    const started = performance.now();
    using channel = openWorkload(socket);
    await fetchOnce(channel);
    samples.push(since(started));
  }
  return samples;
}

/** Resolves when somebody accepts connections; a gRPC channel for each attempt would be work for those who are measured. */
async function accepted(socket: string): Promise<void> {
  await firstAnswer(
    () =>
      new Promise<void>((resolve, reject) => {
        const probe = connect(socket, () => resolve()).on("error", reject);
        probe.on("connect", () => probe.destroy());
      }),
  );
}

/** Opens streams on connections of their own and returns what ends them. */
async function holdStreams(socket: string, count: number): Promise<() => void> {
  const channels: RpcChannel[] = [];
  for (let index = 0; index < count; index++) {
    const channel = openWorkload(socket);
    channels.push(channel);
    const messages = channel.serverStream(workloadApiService.methods.FetchX509SVID, {})[Symbol.asyncIterator]();
    await messages.next();
    messages.next().catch(() => undefined);
  }
  return () => {
    for (const channel of channels) channel.close();
  };
}

/** B2, B9, B3: fetch from the cache, memory of idle streams, restart of the agent with its state. */
export async function workloadApi(report: Report, name: Target["name"]): Promise<void> {
  await using target = await startTarget(name);
  await using agent = await target.startAgent();
  await createEntries(target.admin, agent.id, ["/cached"]);
  await firstAnswer(() => newConnections(agent.socket, 1));
  const head = { bench: "workload-api", system: name };
  await newConnections(agent.socket, warmUpFetches);
  const cpu = cpuSeconds(agent.pid);
  const samples = await newConnections(agent.socket, fetches);
  const used = ((cpuSeconds(agent.pid) - cpu) / fetches) * 1e6;
  report.latency({ ...head, target: "p50 <= 2" }, "cached FetchX509SVID, new connection", samples);
  report.add({ ...head, figure: "the same, agent CPU", value: used, unit: "us/fetch", target: "" });

  const before = residentMib(agent.pid);
  const release = await holdStreams(agent.socket, idleStreams);
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  const grown = ((residentMib(agent.pid) - before) * 1024) / idleStreams;
  report.add({ ...head, figure: "1,000 idle streams, each", value: grown, unit: "KiB", target: "<= 90" });
  release();

  const restarts: number[] = [];
  for (let round = 0; round < 5; round++) {
    await agent.restart();
    const started = performance.now();
    await accepted(agent.socket);
    await firstAnswer(() => newConnections(agent.socket, 1));
    restarts.push(since(started));
  }
  report.latency({ ...head, target: "p50 <= 400" }, "agent restart with state → SVID", restarts);
}
