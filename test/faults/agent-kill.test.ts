// SPDX-License-Identifier: Apache-2.0
import { agentService, workloadApiService, type X509SVIDResponse } from "@mayfly/rpc";
import { Certificate } from "@mayfly/x509";
import { describe, expect, it } from "vitest";
import { createEntries, deleteEntries, firstAnswer, openWorkload, startTarget } from "../bench/target.ts";

/** 200 for the record (MAYFLY_KILLS=200); enough here to notice. */
const kills = Number(process.env["MAYFLY_KILLS"] ?? 20);

async function fetchX509(socket: string): Promise<X509SVIDResponse> {
  using channel = openWorkload(socket);
  const method = workloadApiService.methods.FetchX509SVID;
  for await (const response of channel.serverStream(method, {}, { timeoutMs: 5_000 })) return response;
  throw new Error("the stream ended without a message");
}

describe("an agent killed at random instants under load", () => {
  it(
    `comes back ${kills} times on the state that it left, with the same identity and without a token`,
    async () => {
      await using target = await startTarget("mayfly");
      await using agent = await target.startAgent();
      await createEntries(target.admin, agent.id, ["/stays"]);
      await firstAnswer(() => fetchX509(agent.socket));
      const stop = new AbortController();
      let changes = 0;
      const churn = (async () => {
        while (!stop.signal.aborted) {
          changes += 1;
          const ids = await createEntries(target.admin, agent.id, [`/comes-and-goes-${changes}`]);
          await fetchX509(agent.socket).catch(() => undefined);
          await deleteEntries(target.admin, ids);
        }
      })();
      const serials = new Set<bigint>();
      for (let kill = 0; kill < kills; kill++) {
        await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 400));
        await agent.restart();
        const { svids } = await firstAnswer(() => fetchX509(agent.socket));
        const mine = svids.find(({ spiffe_id }) => spiffe_id.endsWith("/stays"));
        expect(mine).toBeDefined();
        serials.add(Certificate.parse(mine?.x509_svid ?? Buffer.alloc(0)).serialNumber);
      }
      stop.abort();
      await churn;
      const { agents } = await target.admin.unary(agentService.methods.ListAgents, {});
      expect(agents).toHaveLength(1);
      // Workload keys are never stored: each life of the agent makes new ones.
      expect(serials.size).toBe(kills);
    },
    60_000 + kills * 4_000,
  );
});
