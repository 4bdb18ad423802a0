// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { expect, type Suite } from "../suite.ts";
import { served, type World } from "./world.ts";

const briefSeconds = 12;
/** What a process that goes on may take. */
const boundMs = 1_000;

/** Our process stands still while the certificate of a peer that is connected ends. */
export async function suspension(suite: Suite, world: World): Promise<void> {
  const { ours, backend } = world;
  await using brief = await world.brief(briefSeconds);
  const held: { readonly transport: string; readonly server: number; readonly client: number }[] = [];
  for (const transport of served) {
    const { id, address } = await ours.serve(transport, `id:${world.id("brief")}`);
    const client = brief.send({ op: "hold", transport, address, authorize: `id:${world.id("ours")}` });
    await brief.event(client, "done");
    held.push({ transport, server: id, client });
  }
  ours.signal("SIGSTOP");
  await sleep((briefSeconds + 1) * 1_000);
  const [early] = held.filter(({ client }) => brief.events(client, "ended").length > 0);
  ours.signal("SIGCONT");
  const began = performance.now();
  const ends = await Promise.all(
    held.map(async ({ client }) => {
      await brief.event(client, "ended");
      return performance.now() - began;
    }),
  );
  for (const [index, { transport, server }] of held.entries()) {
    const title = `${backend.name}: our ${transport} server stands still for ${briefSeconds + 1} s across its client's expiry`;
    await suite.check(
      `MTL-D12 ${title}, goes on, and has ended the connection ${Math.round(ends[index] ?? 0)} ms later`,
      () => {
        expect(early === undefined, `${early?.transport} ended while our process stood still`);
        expect((ends[index] ?? Number.POSITIVE_INFINITY) <= boundMs, `it took ${ends[index]} ms`);
        const reasons = ours.events(server, "end").map(({ reason }) => reason);
        expect(
          reasons.length > 0 && reasons.every((reason) => /^(PEER|SVID)_EXPIRED$/.test(reason ?? "")),
          reasons.join(" "),
        );
      },
    );
  }
}
