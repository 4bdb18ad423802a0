// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { type FakeX509State, TestCa } from "@mayfly/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { anyPeer, type ConnectionEnd, type ConnectionOptions, type PeerPolicy, type X509Source } from "../src/index.ts";
import { LiveWorkload } from "./mtls/live-workload.ts";
import { type Client, codeOf, type Served, type Transport } from "./mtls/transport.ts";
import { transports } from "./mtls/transports.ts";
import { sourceOf } from "./mtls/workload.ts";

const own = TestCa.create();
const federated = TestCa.create({ trustDomain: "federated.test" });
const client = federated.issue("/client");
const server = own.issue("/server");

const clientState: FakeX509State = { svids: [{ ca: federated, identity: client }], federated: [own] };
const serverState: FakeX509State = { svids: [{ ca: own, identity: server }], federated: [federated] };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The end of each connection that was told of, and what came of the handshakes after it. */
interface Events {
  readonly ends: ConnectionEnd[];
  readonly refused: unknown[];
}

interface Pair extends Events {
  readonly served: Served;
  readonly calling: Client;
}

async function live(state: FakeX509State): Promise<LiveWorkload> {
  const workload = await LiveWorkload.start(state);
  closing.push(() => workload[Symbol.asyncDispose]());
  return workload;
}

interface Sides {
  readonly serving: Partial<PeerPolicy> & ConnectionOptions;
  readonly calling: Partial<PeerPolicy> & ConnectionOptions;
}

/** A server and a client, both with a connection open. Events are of the end named. */
async function connected(transport: Transport, watched: keyof Sides, sides: Partial<Sides>): Promise<Pair> {
  const ends: ConnectionEnd[] = [];
  const refused: unknown[] = [];
  const watching = { onConnectionEnd: (end: ConnectionEnd): void => void ends.push(end) };
  const served = await transport.serve({
    source: sourceOf(server, [own, federated]),
    authorize: anyPeer(),
    onRefused: (error) => void refused.push(error),
    ...(watched === "serving" && watching),
    ...sides.serving,
  });
  closing.push(() => served.close());
  const options = {
    source: sourceOf(client, [own, federated]),
    authorize: anyPeer(),
    ...(watched === "calling" && watching),
    ...sides.calling,
  };
  const calling = transport.client(options, served.port);
  closing.push(() => calling.close());
  expect(await calling.request("hello")).toBe("spiffe://federated.test/client hello");
  expect(served.connections()).toBe(1);
  return { served, calling, ends, refused };
}

/** Ends of what a verdict rests on, as the server sees them. */
const changes: readonly [string, string, string, (workload: LiveWorkload) => void][] = [
  [
    "MTL-D15: the bundle is removed",
    "PEER_UNTRUSTED",
    "NO_BUNDLE",
    (workload) => workload.push({ svids: serverState.svids }),
  ],
  [
    "MTL-D15: the bundle is another",
    "PEER_UNTRUSTED",
    "UNTRUSTED",
    (workload) => workload.push({ ...serverState, federated: [TestCa.create({ trustDomain: "federated.test" })] }),
  ],
  [
    "MTL-D11: the certificate is revoked",
    "PEER_REVOKED",
    "REVOKED",
    (workload) => workload.push({ ...serverState, crls: [federated.revocationList([client])] }),
  ],
  ["the own identity is withdrawn", "SVID_WITHDRAWN", "NO_SVID", (workload) => workload.withdraw()],
];

describe.each(transports.map((transport) => [transport.name, transport] as const))("%s", (_name, transport) => {
  const refusalOf = transport.codeOf ?? codeOf;

  describe("a server", () => {
    it.each(changes)("closes what is open and takes nobody when %s (%s)", async (_what, reason, code, change) => {
      const workload = await live(serverState);
      const { served, calling, ends, refused } = await connected(transport, "serving", {
        serving: { source: workload.source },
      });
      const begin = performance.now();
      change(workload);
      await expect.poll(() => served.connections(), { interval: 5, timeout: 3_000 }).toBe(0);
      expect(performance.now() - begin).toBeLessThan(1_500);
      expect(ends).toMatchObject([{ reason, peer: { id: client && expect.anything() } }]);
      // A client may find out on its old connection first that this is closed.
      await expect
        .poll(async () => {
          await expect(calling.request("again")).rejects.toThrow();
          return refused.map(codeOf);
        })
        .toContain(code);
      expect(served.seen).toHaveLength(1);
    });

    it("lets a request under way finish within the bound, and cuts one that takes longer", async () => {
      for (const [ms, finishes] of [
        [500, true],
        [3_000, false],
      ] as const) {
        const workload = await live(serverState);
        const { served, calling } = await connected(transport, "serving", { serving: { source: workload.source } });
        const answer = calling.request(`wait:${ms}`).catch((error: unknown) => error);
        await expect.poll(() => served.seen.length, { interval: 5, timeout: 3_000 }).toBe(2);
        const begin = performance.now();
        workload.push({ svids: serverState.svids });
        await expect.poll(() => served.connections(), { interval: 5, timeout: 3_000 }).toBe(0);
        expect(performance.now() - begin).toBeLessThan(1_500);
        if (finishes) expect(await answer).toBe(`spiffe://federated.test/client wait:${ms}`);
        else expect(await answer).toBeInstanceOf(Error);
      }
    });

    it("shows a rotated SVID in new handshakes, and leaves open connections alone", async () => {
      const workload = await live(serverState);
      const seen: (string | undefined)[] = [];
      const note = (source: X509Source): PeerPolicy => ({ source, authorize: anyPeer() });
      const { served, calling, ends } = await connected(transport, "serving", { serving: note(workload.source) });
      workload.push({ ...serverState, svids: [{ ca: own, identity: own.issue("/server") }] });
      await expect.poll(() => workload.source.svid.chain[0]?.der).not.toEqual(server.chain[0]);
      expect(await calling.request("still")).toBe("spiffe://federated.test/client still");
      expect(served.connections()).toBe(1);
      const other = transport.client({ source: sourceOf(client, [own]), authorize: anyPeer() }, served.port);
      closing.push(() => other.close());
      await other.request("new");
      expect(served.connections()).toBe(2);
      expect(ends).toEqual([]);
      expect(seen).toEqual([]);
    });

    it("MTL-D12: serves nobody on a connection that is kept past the peer's end, and closes it", {
      timeout: 20_000,
    }, async () => {
      const notAfter = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000);
      const short = sourceOf(federated.issue("/client", { notAfter }), [own]);
      const { served, calling, ends, refused } = await connected(transport, "serving", {
        calling: { source: short, closeConnections: false },
      });
      await expect.poll(() => ends, { timeout: 5_000 }).toMatchObject([{ reason: "PEER_EXPIRED" }]);
      expect(ends[0]?.closesAt.getTime()).toBe(notAfter.getTime() + 1_000);
      await expect.poll(() => served.connections(), { timeout: 5_000, interval: 10 }).toBe(0);
      expect(Date.now()).toBeLessThan(notAfter.getTime() + 1_500);
      await sleep(Math.max(0, notAfter.getTime() + 1_000 - Date.now()));
      const before = served.seen.length;
      await expect(calling.request("late")).rejects.toThrow();
      expect(served.seen).toHaveLength(before);
      expect(refused.map(codeOf).every((code) => code === "EXPIRED")).toBe(true);
    });
  });

  describe("a client", () => {
    it("closes what is open and asks no more when the server's bundle is gone, or its certificate revoked", async () => {
      const lost: [FakeX509State, string, string][] = [
        [{ svids: clientState.svids }, "PEER_UNTRUSTED", "NO_BUNDLE"],
        [{ ...clientState, crls: [own.revocationList([server])] }, "PEER_REVOKED", "REVOKED"],
      ];
      for (const [state, reason, code] of lost) {
        const workload = await live(clientState);
        const { served, calling, ends } = await connected(transport, "calling", {
          calling: { source: workload.source },
        });
        workload.push(state);
        await expect.poll(() => served.connections(), { interval: 5, timeout: 3_000 }).toBe(0);
        expect(ends).toMatchObject([{ reason }]);
        const error: unknown = await calling.request("again").catch((thrown: unknown) => thrown);
        expect(refusalOf(error)).toBe(code);
        expect(served.seen).toHaveLength(1);
      }
    });

    it("closes what is open and connects no more when its own identity is withdrawn", async () => {
      const workload = await live(clientState);
      const { served, calling, ends } = await connected(transport, "calling", { calling: { source: workload.source } });
      workload.withdraw();
      await expect.poll(() => served.connections(), { interval: 5, timeout: 3_000 }).toBe(0);
      expect(ends).toMatchObject([{ reason: "SVID_WITHDRAWN" }]);
      const error: unknown = await calling.request("again").catch((thrown: unknown) => thrown);
      expect(refusalOf(error)).toBe("NO_SVID");
    });

    it("MTL-D17: never asks on a connection whose server is no longer the one wanted", async () => {
      let wanted = true;
      const workload = await live(clientState);
      const { served, calling, ends } = await connected(transport, "calling", {
        calling: { source: workload.source, authorize: () => wanted },
      });
      wanted = false;
      workload.push({ ...clientState, federated: [own, TestCa.create({ trustDomain: "third.test" })] });
      await expect.poll(() => ends).toMatchObject([{ reason: "NOT_AUTHORIZED" }]);
      const error: unknown = await calling.request("again").catch((thrown: unknown) => thrown);
      expect(refusalOf(error)).toBe("NOT_AUTHORIZED");
      expect(served.seen).toHaveLength(1);
    });

    it("moves to a new connection before the server's certificate ends, and loses no request", {
      timeout: 20_000,
    }, async () => {
      const notAfter = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000);
      const workload = await live({
        ...serverState,
        svids: [{ ca: own, identity: own.issue("/server", { notAfter }) }],
      });
      // The server leaves it to the client.
      const { served, calling, ends } = await connected(transport, "calling", {
        serving: { source: workload.source, closeConnections: false },
      });
      workload.push(serverState);
      const until = notAfter.getTime() + 1_400;
      for (let n = 0; Date.now() < until; n++) {
        expect(await calling.request(`n${n}`)).toContain(`n${n}`);
        await sleep(10);
      }
      // A pool may have opened a second one before the server had its new SVID.
      expect(new Set(ends.map(({ reason }) => reason))).toEqual(new Set(["PEER_EXPIRED"]));
      expect(served.connections()).toBeGreaterThan(0);
    });
  });
});

describe.each(transports.filter(({ bare }) => bare !== true).map((transport) => [transport.name, transport] as const))(
  "%s",
  (_name, transport) => {
    it("takes no request on a connection past its end that nothing has closed yet", { timeout: 20_000 }, async () => {
      const notAfter = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000);
      const short = sourceOf(federated.issue("/client", { notAfter }), [own]);
      const { served, calling } = await connected(transport, "serving", {
        serving: { drainMs: 0 },
        calling: { source: short, closeConnections: false },
      });
      // The process stands still: no tick comes before the request is read.
      const until = notAfter.getTime() + 1_010;
      const late = sleep(until - Date.now() - 30).then(() => {
        const request = calling.request("late").catch((error: unknown) => error);
        while (Date.now() < until);
        return request;
      });
      expect(await late).toBeInstanceOf(Error);
      expect(served.seen.filter((line) => line.endsWith("late"))).toEqual([]);
    });
  },
);
