// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { workloadApiService } from "@mayfly/rpc";
import { peerCommand } from "../../interop/peers.ts";
import { environment } from "../../processes.ts";
import type { Report } from "../measure.ts";
import { since } from "../measure.ts";
import { createEntries, deleteEntries, openWorkload, startTarget, type Target, trustDomain } from "../target.ts";

const rounds = { mayfly: 200, spire: 12 };
const sourceRounds = { mayfly: 20, spire: 6 };

/** Milliseconds from the call that creates an entry to the message with its SVID on a stream that was open before. */
async function onOpenStream(target: Target, socket: string, parentId: string): Promise<number[]> {
  const [anchor = ""] = await createEntries(target.admin, parentId, ["/anchor"]);
  using channel = openWorkload(socket);
  const waiting = new Map<string, (at: number) => void>();
  const abort = new AbortController();
  const reading = (async () => {
    for (;;) {
      try {
        for await (const { svids } of channel.serverStream(workloadApiService.methods.FetchX509SVID, {}, abort)) {
          const at = performance.now();
          for (const { spiffe_id } of svids) waiting.get(spiffe_id)?.(at);
        }
      } catch {
        if (abort.signal.aborted) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  })();
  await new Promise<void>((resolve) => waiting.set(`spiffe://${trustDomain}/anchor`, () => resolve()));
  const samples: number[] = [];
  for (let round = 0; round < rounds[target.name]; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 25));
    const path = `/round-${round}`;
    const arrived = new Promise<number>((resolve) => waiting.set(`spiffe://${trustDomain}${path}`, resolve));
    const started = performance.now();
    const created = createEntries(target.admin, parentId, [path]);
    samples.push((await arrived) - started);
    await deleteEntries(target.admin, await created);
  }
  abort.abort();
  await reading;
  await deleteEntries(target.admin, [anchor]);
  return samples;
}

/** Resolves when the agent refuses this process: what was deleted before is gone. */
async function untilRefused(socket: string): Promise<void> {
  for (;;) {
    using channel = openWorkload(socket);
    const messages = channel.serverStream(workloadApiService.methods.FetchX509SVID, {})[Symbol.asyncIterator]();
    const refused = await messages.next().then(
      () => false,
      () => true,
    );
    await messages.return?.(undefined);
    if (refused) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The same for go-spiffe's X509Source in a process that was started before its entry. */
async function inGoSource(target: Target, socket: string, parentId: string): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 0; round < sourceRounds[target.name]; round++) {
    await untilRefused(socket);
    const [program = "", ...args] = peerCommand("go").concat("watch", "0");
    const env = environment({ SPIFFE_ENDPOINT_SOCKET: `unix://${socket}` });
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    const first = once(createInterface({ input: child.stdout }), "line");
    await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 700));
    const started = performance.now();
    const created = createEntries(target.admin, parentId, [`/source-${round}`]);
    await first;
    samples.push(since(started));
    const gone = child.exitCode === null ? once(child, "exit") : undefined;
    child.kill();
    await gone;
    await deleteEntries(target.admin, await created);
  }
  return samples;
}

/** B4: entry created → SVID in the hands of a waiting workload. */
export async function entryToSvid(report: Report, name: Target["name"]): Promise<void> {
  await using target = await startTarget(name);
  await using agent = await target.startAgent();
  const head = { bench: "entry-to-svid", system: name, target: "p50 <= 15, p99 <= 50 + fsync" };
  report.latency(head, "entry → SVID on an open stream", await onOpenStream(target, agent.socket, agent.id));
  report.latency(head, "entry → SVID in a waiting go X509Source", await inGoSource(target, agent.socket, agent.id));
}
