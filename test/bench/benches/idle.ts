// SPDX-License-Identifier: Apache-2.0
import { mayflyAgentService, type Sent, type SyncRequest } from "@mayfly/rpc";
import { attestFakeAgent, type FakeAgent } from "../fake-agent.ts";
import { bytesMoved, cpuSeconds, type Report } from "../measure.ts";
import { startTarget } from "../target.ts";

const agents = 20;
const seconds = 30;

async function* openAndAcknowledge(acks: AsyncIterable<Sent<SyncRequest>>): AsyncGenerator<Sent<SyncRequest>> {
  yield { open: { seen_revision: "0", agent_version: "bench" } };
  yield* acks;
}

/** Holds a Sync stream as an agent does: opens with nothing, acknowledges each response. */
function holdSync(agent: FakeAgent): void {
  const { readable, writable } = new TransformStream<Sent<SyncRequest>, Sent<SyncRequest>>();
  const writer = writable.getWriter();
  const read = async (): Promise<void> => {
    const requests = openAndAcknowledge(readable.values());
    for await (const response of agent.channel.bidi(mayflyAgentService.methods.Sync, requests)) {
      if (response.send_versions) await writer.write({ versions: {} });
      else if (!response.more) await writer.write({ ack: { nonce: response.nonce, revision: response.revision } });
    }
  };
  read().catch(() => undefined);
}

/** What a server does while 20 agents hold their streams and nothing changes. */
export async function idle(report: Report): Promise<void> {
  await using target = await startTarget("mayfly");
  const held: FakeAgent[] = [];
  for (let index = 0; index < agents; index++) {
    const agent = await attestFakeAgent(target);
    holdSync(agent);
    held.push(agent);
  }
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const pid = target.serverPid;
  const cpu = cpuSeconds(pid);
  const bytes = bytesMoved(pid);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const head = { bench: "idle", system: "mayfly" };
  const moved = (bytesMoved(pid) - bytes) / seconds;
  report.add({
    ...head,
    figure: "20 idle agents, bytes read and written",
    value: moved,
    unit: "B/s",
    target: "pings and one store read/s",
  });
  report.add({
    ...head,
    figure: "the same, server CPU",
    value: ((cpuSeconds(pid) - cpu) / seconds) * 100,
    unit: "% of a core",
    target: "",
  });
  for (const agent of held) agent[Symbol.dispose]();
}
