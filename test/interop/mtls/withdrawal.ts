// SPDX-License-Identifier: Apache-2.0
import { expect, type Suite } from "../suite.ts";
import { ourClients, served, type World } from "./world.ts";

interface Held {
  readonly transport: string;
  readonly server: number;
  readonly address: string;
  readonly client: number;
}

/** Our own entry is deleted while go-spiffe clients hold connections to our servers, and our clients to theirs. */
export async function withdrawal(suite: Suite, world: World): Promise<void> {
  const { ours, go, backend } = world;
  const [ourId, goId] = [`id:${world.id("ours")}`, `id:${world.id("go")}`];
  const incoming: Held[] = [];
  for (const transport of served) {
    const { id, address } = await ours.serve(transport, goId);
    const client = go.send({ op: "hold", transport, address, authorize: ourId });
    await go.event(client, "done");
    incoming.push({ transport, server: id, address, client });
  }
  const outgoing: Held[] = [];
  // The fetch of undici does not tell of its connections.
  for (const [transport, spoken] of ourClients.filter(([name]) => name !== "undici")) {
    const { id, address } = await go.serve(spoken, ourId);
    const client = ours.send({ op: "hold", transport, address, authorize: goId });
    await ours.event(client, "done");
    outgoing.push({ transport, server: id, address, client });
  }
  backend.delete("/ours");
  const deleted = performance.now();
  for (const { transport, server, address, client } of incoming) {
    await suite.check(
      `${backend.name}: our entry is deleted; our ${transport} server ends what is open and takes nothing new`,
      async () => {
        const end = await ours.event(server, "end");
        expect(end.reason === "SVID_WITHDRAWN" && end.peer === world.id("go"), JSON.stringify(end));
        await go.event(client, "ended");
        const again = await go.call(transport, address, ourId);
        expect(again.event === "failed", `a new connection was served: ${JSON.stringify(again)}`);
      },
    );
  }
  process.stdout.write(`      all ended ${Math.round(performance.now() - deleted)} ms after the deletion\n`);
  for (const { transport, address, client } of outgoing) {
    await suite.check(
      `${backend.name}: our entry is deleted; our ${transport} client ends what is open and opens nothing new`,
      async () => {
        const end = await ours.event(client, "end");
        expect(end.reason === "SVID_WITHDRAWN" && end.peer === world.id("go"), JSON.stringify(end));
        await ours.event(client, "ended");
        const again = await ours.call(transport, address, goId);
        // grpc-js makes a status of it, with our message inside.
        const isWithdrawn = again.code === "NO_SVID" || /UNAVAILABLE.*SourceError.*withdrawn/.test(again.error ?? "");
        expect(again.event === "failed" && isWithdrawn, JSON.stringify(again));
      },
    );
  }
}
