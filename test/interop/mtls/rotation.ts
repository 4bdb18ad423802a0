// SPDX-License-Identifier: Apache-2.0
import { expect, type Suite } from "../suite.ts";
import type { PeerEvent } from "../ts-peer/protocol.ts";
import type { PeerProcess } from "./peer-process.ts";
import { ourClients, served, type World } from "./world.ts";

interface Stream {
  readonly title: string;
  readonly caller: PeerProcess;
  readonly id: number;
}

/** Requests every 250 ms over kept and over new connections, both directions, each transport, while certificates rotate under them. */
export async function rotation(suite: Suite, world: World, seconds: number): Promise<void> {
  const { ours, go, backend } = world;
  const [ourId, goId] = [`id:${world.id("ours")}`, `id:${world.id("go")}`];
  const streams: Stream[] = [];
  const send = (
    title: string,
    caller: PeerProcess,
    command: { transport: string; address: string; authorize: string },
  ): void => {
    for (const fresh of [false, true]) {
      // A raw connection is one connection: there is nothing to keep it alive beyond its end.
      if (!fresh && command.transport === "tls") continue;
      const id = caller.send({ op: "stream", ...command, seconds, every_ms: 250, fresh });
      streams.push({ title: `${title}, ${fresh ? "new connections" : "kept connections"}`, caller, id });
    }
  };
  for (const transport of served) {
    const { address } = await ours.serve(transport, goId);
    send(`our ${transport} server, go-spiffe client`, go, { transport, address, authorize: ourId });
  }
  for (const [transport, spoken] of ourClients) {
    const { address } = await go.serve(spoken, ourId);
    send(`go-spiffe server, our ${transport} client`, ours, { transport, address, authorize: goId });
  }
  const before = ours.events(0, "svid").length;
  const outcomes = new Map<Stream, PeerEvent>();
  await Promise.all(
    streams.map(async (stream) =>
      outcomes.set(stream, await stream.caller.outcome(stream.id, seconds * 1000 + 30_000)),
    ),
  );
  for (const [stream, { count = 0, failed = 0, errors = [] }] of outcomes) {
    await suite.check(`${backend.name}: ${stream.title}: ${count} requests during rotation, none fails`, () => {
      expect(failed === 0, `${failed} failed: ${errors.slice(0, 5).join("\n")}`);
      // On a busy machine a request may take longer than the pause between two.
      expect(count >= seconds, `only ${count} requests`);
    });
  }
  await suite.check(`${backend.name}: certificates of both sides rotated at least twice in ${seconds} s`, () => {
    const rotations = ours.events(0, "svid").length - before;
    expect(rotations >= 2, `our source rotated ${rotations} times`);
    const serials = [...outcomes]
      .filter(([{ title }]) => title.endsWith("new connections"))
      .map(([, one]) => one.serials ?? 0);
    // Whoever made new connections to them has seen three certificates, where the transport lets one look.
    expect(serials.filter((seen) => seen >= 3).length >= served.length * 2 - 1, `serials seen: ${serials.join(" ")}`);
  });
}
