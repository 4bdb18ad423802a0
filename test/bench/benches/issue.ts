// SPDX-License-Identifier: Apache-2.0
import { mayflyAgentService, type RpcChannel, svidService } from "@mayfly/rpc";
import { createRequest } from "@mayfly/x509";
import { attestFakeAgent, newKeys } from "../fake-agent.ts";
import { cpuSeconds, type Report, since } from "../measure.ts";
import { createEntries, startTarget, type Target } from "../target.ts";

const batchSize = 50;
const lanes = 4;
const secondsOfLoad = 8;

interface Load {
  readonly figure: string;
  readonly target: string;
  /** Issues one batch; throws when one SVID is missing. */
  batch(): Promise<void>;
}

async function run(report: Report, system: Target["name"], pid: number, load: Load): Promise<void> {
  const until = async (ms: number): Promise<number> => {
    const end = performance.now() + ms;
    let batches = 0;
    const lane = async (): Promise<void> => {
      while (performance.now() < end) {
        await load.batch();
        batches++;
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return batches;
  };
  // The optimiser settles after some ten thousand SVIDs.
  await until(8_000);
  const cpu = cpuSeconds(pid);
  const started = performance.now();
  const svids = (await until(secondsOfLoad * 1_000)) * batchSize;
  const wall = since(started) / 1_000;
  const used = cpuSeconds(pid) - cpu;
  const head = { bench: "issue", system };
  report.add({
    ...head,
    figure: `${load.figure}, per server core`,
    value: svids / used,
    unit: "SVIDs/s",
    target: load.target,
  });
  report.add({ ...head, figure: `${load.figure}, wall`, value: svids / wall, unit: "SVIDs/s", target: "" });
  report.add({ ...head, figure: `${load.figure}, CPU`, value: (used / svids) * 1e6, unit: "us/SVID", target: "" });
}

// Fresh keys in every batch: an equal key would get the certificate that it has already.

function csrLoad(channel: RpcChannel, entryIds: readonly string[]): Load {
  return {
    figure: "BatchNewX509SVID, 50 CSRs",
    target: ">= 3000",
    async batch() {
      const params = entryIds.map((entry_id) => ({ entry_id, csr: createRequest({ keys: newKeys() }) }));
      const { results } = await channel.unary(svidService.methods.BatchNewX509SVID, { params });
      if (results.some(({ status }) => status?.code !== 0)) throw new Error(results[0]?.status?.message ?? "refused");
    },
  };
}

function nativeLoad(channel: RpcChannel, entryIds: readonly string[]): Load {
  return {
    figure: "IssueX509, 50 keys",
    target: ">= 5000",
    async batch() {
      const keys = entryIds.map((entry_id) => ({ entry_id, public_key: newKeys().spki }));
      const { results } = await channel.unary(mayflyAgentService.methods.IssueX509, { keys });
      if (results.some(({ status }) => status?.code !== 0)) throw new Error(results[0]?.status?.message ?? "refused");
    },
  };
}

/** B1b, B1c: SVIDs a second and core in batches, intent durable and self-check included. */
export async function issue(report: Report, name: Target["name"]): Promise<void> {
  await using target = await startTarget(name);
  using agent = await attestFakeAgent(target);
  const paths = Array.from({ length: batchSize }, (_item, index) => `/issue-${index}`);
  const entryIds = await createEntries(target.admin, agent.id, paths);
  // SPIRE's server learns of new entries at its next cache reload.
  if (name === "spire") await new Promise((resolve) => setTimeout(resolve, 6_000));
  await run(report, name, target.serverPid, csrLoad(agent.channel, entryIds));
  if (name === "mayfly") await run(report, name, target.serverPid, nativeLoad(agent.channel, entryIds));
}
