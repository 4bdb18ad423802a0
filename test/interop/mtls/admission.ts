// SPDX-License-Identifier: Apache-2.0
import { expect, type Suite } from "../suite.ts";
import type { PeerEvent } from "../ts-peer/protocol.ts";
import { foreignDomain, ourClients, served, type World } from "./world.ts";

function expectDone(outcome: PeerEvent, peer: string, seen: string): void {
  expect(outcome.event === "done", `refused: ${JSON.stringify(outcome)}`);
  // Some transports don't let the client look at the connection; then the authorizer alone has seen the ID.
  expect(outcome.peer === undefined || outcome.peer === peer, `the server is ${outcome.peer}, not ${peer}`);
  expect(outcome.seen === seen, `the server saw ${outcome.seen}, not ${seen}`);
}

function expectRefused(outcome: PeerEvent, code?: string): void {
  expect(outcome.event === "failed", `not refused: ${JSON.stringify(outcome)}`);
  expect(code === undefined || outcome.code === code, `refused with ${outcome.code}, not ${code}: ${outcome.error}`);
}

/** Who gets in and who doesn't, on our servers and with our clients, over every transport. */
export async function admission(suite: Suite, world: World): Promise<void> {
  for (const transport of served) await ourServer(suite, world, transport);
  for (const [transport, spoken] of ourClients) await ourClient(suite, world, { transport, spoken });
}

async function ourServer(suite: Suite, world: World, transport: string): Promise<void> {
  const { ours, go, friend, rogue } = world;
  const [own, other] = [`id:${world.id("ours")}`, `id:${world.id("nobody")}`];
  const title = `${world.backend.name}, our ${transport} server, go-spiffe client`;
  await suite.check(`${title}: the allowed ID and a member of the trust domain are served`, async () => {
    const exactly = await ours.serve(transport, `id:${world.id("go")}`);
    const members = await ours.serve(transport, `member:${world.backend.trustDomain}`);
    for (const { address } of [exactly, members])
      expectDone(await go.call(transport, address, own), world.id("ours"), world.id("go"));
    expect(ours.events(exactly.id, "refused").length === 0, `our server refused somebody: ${ours.log}`);
  });
  await suite.check(`${title}: another ID is refused with NOT_AUTHORIZED`, async () => {
    const { id, address } = await ours.serve(transport, other);
    expectRefused(await go.call(transport, address, own));
    expectCode(await ours.event(id, "refused"), "NOT_AUTHORIZED");
  });
  await suite.check(`MTL-D01 ${title}: the right ID by a federated CA is refused with UNTRUSTED`, async () => {
    const { id, address } = await ours.serve(transport, `id:${world.id("go")}`);
    expectRefused(await go.call(transport, address, own, rogue));
    expectCode(await ours.event(id, "refused"), "UNTRUSTED");
  });
  await suite.check(`MTL-D01 ${title}: that CA is trusted for its own trust domain`, async () => {
    const { address } = await ours.serve(transport, `member:${foreignDomain}`);
    expectDone(await go.call(transport, address, own, friend), world.id("ours"), `spiffe://${foreignDomain}/friend`);
  });
  await suite.check(`MTL-D11 ${title}: no ticket is given, in TLS 1.2 and in TLS 1.3`, async () => {
    const { address } = await ours.serve(transport, `id:${world.id("go")}`);
    for (const tls12 of [true, false]) {
      const { event, resumed, error } = await go.resume(transport, address, { authorize: own, tls12 });
      expect(event === "done" && resumed === undefined, `${event}, resumed ${resumed}: ${error}`);
    }
  });
  await suite.check(`${title}: it refuses us when our ID is not the one it wants`, async () => {
    const { address } = await ours.serve(transport, `id:${world.id("go")}`);
    expectRefused(await go.call(transport, address, other));
  });
}

function expectCode(event: PeerEvent, code: string): void {
  expect(event.code === code, `refused with ${event.code}, not ${code}: ${event.error}`);
}

async function ourClient(
  suite: Suite,
  world: World,
  { transport, spoken }: { readonly transport: string; readonly spoken: string },
): Promise<void> {
  const { ours, go, friend, rogue } = world;
  const [theirs, other] = [`id:${world.id("go")}`, `id:${world.id("nobody")}`];
  const title = `${world.backend.name}, go-spiffe server, our ${transport} client`;
  await suite.check(`${title}: the allowed ID and a member of the trust domain are spoken to`, async () => {
    const { address } = await go.serve(spoken, `id:${world.id("ours")}`);
    for (const authorize of [theirs, `member:${world.backend.trustDomain}`])
      expectDone(await ours.call(transport, address, authorize), world.id("go"), world.id("ours"));
  });
  await suite.check(`${title}: another ID is refused with NOT_AUTHORIZED`, async () => {
    const { address } = await go.serve(spoken, `id:${world.id("ours")}`);
    expectRefused(await ours.call(transport, address, other), "NOT_AUTHORIZED");
  });
  await suite.check(`MTL-D01 ${title}: the right ID by a federated CA is refused with UNTRUSTED`, async () => {
    const { address } = await go.serve(spoken, "any", rogue);
    expectRefused(await ours.call(transport, address, theirs), "UNTRUSTED");
  });
  await suite.check(`MTL-D01 ${title}: that CA is trusted for its own trust domain`, async () => {
    const { address } = await go.serve(spoken, `id:${world.id("ours")}`, friend);
    const friendId = `spiffe://${foreignDomain}/friend`;
    expectDone(await ours.call(transport, address, `id:${friendId}`), friendId, world.id("ours"));
  });
  await suite.check(`MTL-D17 ${title}: tickets that it gives are not used`, async () => {
    const { id, address } = await go.serve(spoken, `id:${world.id("ours")}`);
    for (let calls = 0; calls < 3; calls++)
      expectDone(await ours.call(transport, address, theirs), world.id("go"), world.id("ours"));
    expect(go.events(id, "resumed").length === 0, `our client resumed: ${go.log}`);
  });
  await suite.check(`${title}: it refuses us when our ID is not the one it wants`, async () => {
    const { id, address } = await go.serve(spoken, other);
    expectRefused(await ours.call(transport, address, theirs));
    await go.event(id, "refused");
  });
}
