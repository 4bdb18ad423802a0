// SPDX-License-Identifier: Apache-2.0
import { request as plainRequest } from "node:https";
import { matchPath, type SpiffeIdMatcher } from "@mayfly/spiffe";
import { TestCa } from "@mayfly/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { anyPeer } from "../src/index.ts";
import { type AttackCase, attackCases, type Cas, weakCases } from "./mtls/cases.ts";
import { rogueClient, rogueServer } from "./mtls/rogue.ts";
import { httpsTransport } from "./mtls/https-transport.ts";
import { codeOf, type Served, type Transport } from "./mtls/transport.ts";
import { transports } from "./mtls/transports.ts";
import { sourceOf } from "./mtls/workload.ts";

const cas: Cas = {
  own: TestCa.create(),
  federated: TestCa.create({ trustDomain: "federated.test" }),
  stranger: TestCa.create({ trustDomain: "stranger.test" }),
};
const victim = sourceOf(cas.own.issue("/victim"), [cas.own, cas.federated]);
const versions = ["TLSv1.2", "TLSv1.3"] as const;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function authorizeFor({ id }: Pick<AttackCase, "id">): SpiffeIdMatcher {
  return id === "MTL-D14" ? matchPath("spiffe://example.org/ns/foo/**") : anyPeer();
}

async function serve(transport: Transport, attack: Pick<AttackCase, "id">, refused: unknown[]): Promise<Served> {
  const served = await transport.serve({
    source: victim,
    authorize: authorizeFor(attack),
    onRefused: (error) => void refused.push(error),
  });
  closing.push(() => served.close());
  return served;
}

async function requestOf(transport: Transport, port: number, attack: Pick<AttackCase, "id">): Promise<string> {
  const client = transport.client({ source: victim, authorize: authorizeFor(attack) }, port);
  closing.push(() => client.close());
  return await client.request("secret");
}

describe.each(transports.map((transport) => [transport.name, transport] as const))("%s", (_name, transport) => {
  const refusalOf = transport.codeOf ?? codeOf;

  it("serves a good client, and is served by a good server", async () => {
    const served = await serve(transport, { id: "" }, []);
    expect(await requestOf(transport, served.port, { id: "" })).toBe("spiffe://example.org/victim secret");
  });

  describe.each(versions)("over %s", (version) => {
    it.each(attackCases)("$id: a server refuses a client with $what ($code), unheard", async (attack) => {
      const refused: unknown[] = [];
      const served = await serve(transport, attack, refused);
      const rogue = await rogueClient(served.port, { identity: attack.show(cas), version, transport });
      expect(rogue).toEqual({ received: 0 });
      expect(refused.map(codeOf)).toEqual([attack.code]);
      expect(served.seen).toEqual([]);
    });

    it.each(attackCases)("$id: a client refuses a server with $what ($code), and tells it nothing", async (attack) => {
      const rogue = await rogueServer({ identity: attack.show(cas), version, transport });
      closing.push(() => rogue.close());
      const error: unknown = await requestOf(transport, rogue.port, attack).catch((thrown: unknown) => thrown);
      expect(refusalOf(error)).toBe(attack.code);
      await rogue.abandoned();
      expect(rogue.received).toBe(0);
    });

    it.each(weakCases)("$id: neither end takes a peer with $what", async (attack) => {
      const identity = attack.show(cas);
      const served = await serve(transport, attack, []);
      expect(await rogueClient(served.port, { identity, version, transport })).toMatchObject({ received: 0 });
      expect(served.seen).toEqual([]);
      const rogue = await rogueServer({ identity, version, transport });
      closing.push(() => rogue.close());
      await expect(requestOf(transport, rogue.port, attack)).rejects.toThrow();
      await rogue.abandoned();
      expect(rogue.received).toBe(0);
    });

    it("a server refuses a client without a certificate, unheard", async () => {
      const refused: unknown[] = [];
      const served = await serve(transport, { id: "" }, refused);
      const rogue = await rogueClient(served.port, { version, transport });
      expect(rogue).toEqual({ received: 0 });
      expect(refused.map(codeOf)).toEqual(["NO_CERTIFICATE"]);
      expect(served.seen).toEqual([]);
    });
  });
});

it.each(versions)("over %s: what reaches a rogue is counted, as a client of plain node shows", async (version) => {
  const rogue = await rogueServer({ identity: cas.stranger.issue("/workload"), version, transport: httpsTransport });
  closing.push(() => rogue.close());
  const request = plainRequest({ host: "127.0.0.1", port: rogue.port, rejectUnauthorized: false, agent: false });
  request.on("error", () => undefined);
  request.end();
  await expect.poll(() => rogue.received).toBeGreaterThan(0);
  request.destroy();
});
