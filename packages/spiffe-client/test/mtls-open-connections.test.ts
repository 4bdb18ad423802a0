// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { type FakeX509State, TestCa } from "@mayfly/testkit";
import { afterEach, describe, expect, it, vi } from "vitest";
import { anyPeer, type ConnectionEnd, type ConnectionOptions, type PeerPolicy } from "../src/index.ts";
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

// Most of the time is waited for an end: the transports wait side by side, the tests of one after each other.
const sideBySide = { concurrent: true };
const inTurn = { concurrent: false };

/** The second that requests under way have, and a tick; the rest is for a busy machine. */
const boundMs = 2_500;

/** The end of each connection that was told of, and what came of the handshakes after it. */
interface Events {
  readonly ends: ConnectionEnd[];
  readonly refused: unknown[];
}

interface Pair extends Events {
  readonly served: Served;
  readonly calling: Client;
}

interface Sides {
  readonly serving: Partial<PeerPolicy> & ConnectionOptions;
  readonly calling: Partial<PeerPolicy> & ConnectionOptions;
}

/** What a test of one transport opens, closed behind it. */
class Opened {
  readonly #transport: Transport;
  readonly #closing: (() => unknown)[] = [];

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
  }

  async live(state: FakeX509State): Promise<LiveWorkload> {
    const workload = await LiveWorkload.start(state);
    this.#closing.push(() => workload[Symbol.asyncDispose]());
    return workload;
  }

  client(options: PeerPolicy & ConnectionOptions, port: number): Client {
    const client = this.#transport.client(options, port);
    this.#closing.push(() => client.close());
    return client;
  }

  /** A server and a client, both with a connection open. Events are of the end named. */
  async connected(watched: keyof Sides, sides: Partial<Sides>): Promise<Pair> {
    const ends: ConnectionEnd[] = [];
    const refused: unknown[] = [];
    const watching = { onConnectionEnd: (end: ConnectionEnd): void => void ends.push(end) };
    const served = await this.#transport.serve({
      source: sourceOf(server, [own, federated]),
      authorize: anyPeer(),
      onRefused: (error) => void refused.push(error),
      ...(watched === "serving" && watching),
      ...sides.serving,
    });
    this.#closing.push(() => served.close());
    const options = {
      source: sourceOf(client, [own, federated]),
      authorize: anyPeer(),
      ...(watched === "calling" && watching),
      ...sides.calling,
    };
    const calling = this.client(options, served.port);
    expect(await calling.request("hello")).toBe("spiffe://federated.test/client hello");
    expect(served.connections()).toBe(1);
    return { served, calling, ends, refused };
  }
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

describe.each(transports)("$name", sideBySide, (transport) => {
  const refusalOf = transport.codeOf ?? codeOf;
  const opened = new Opened(transport);
  afterEach(() => opened.close());

  describe("a server", inTurn, () => {
    it.each(changes)("closes what is open and takes nobody when %s (%s)", async (_what, reason, code, change) => {
      const workload = await opened.live(serverState);
      const { served, calling, ends, refused } = await opened.connected("serving", {
        serving: { source: workload.source },
      });
      const begin = performance.now();
      change(workload);
      await vi.waitFor(() => expect(served.connections()).toBe(0), { interval: 5, timeout: 3_000 });
      expect(performance.now() - begin).toBeLessThan(boundMs);
      expect(ends).toMatchObject([{ reason }]);
      // What is withdrawn is our own: there is no verdict on the peer.
      expect(codeOf(ends[0]?.error)).toBe(reason === "SVID_WITHDRAWN" ? undefined : code);
      expect(ends[0]?.peer.id.toString()).toBe("spiffe://federated.test/client");
      // A client may find out on its old connection first that this is closed.
      await vi.waitFor(async () => {
        await expect(calling.request("again")).rejects.toThrow();
        expect(refused.map(codeOf)).toContain(code);
      }, 3_000);
      expect(served.seen).toHaveLength(1);
    });

    it("lets a request under way finish within the bound, and cuts one that takes longer", async () => {
      for (const [ms, finishes] of [
        [500, true],
        [10_000, false],
      ] as const) {
        const workload = await opened.live(serverState);
        const { served, calling } = await opened.connected("serving", { serving: { source: workload.source } });
        const answer = calling.request(`wait:${ms}`).catch((error: unknown) => error);
        await vi.waitFor(() => expect(served.seen.length).toBe(2), { interval: 5, timeout: 3_000 });
        const begin = performance.now();
        workload.push({ svids: serverState.svids });
        await vi.waitFor(() => expect(served.connections()).toBe(0), { interval: 5, timeout: 3_000 });
        expect(performance.now() - begin).toBeLessThan(boundMs);
        if (finishes) expect(await answer).toBe(`spiffe://federated.test/client wait:${ms}`);
        else expect(await answer).toBeInstanceOf(Error);
      }
    });

    it("shows a rotated SVID in new handshakes, and leaves open connections alone", async () => {
      const workload = await opened.live(serverState);
      const { served, calling, ends } = await opened.connected("serving", { serving: { source: workload.source } });
      workload.push({ ...serverState, svids: [{ ca: own, identity: own.issue("/server") }] });
      await vi.waitFor(() => expect(workload.source.svid.chain[0]?.der).not.toEqual(server.chain[0]));
      expect(await calling.request("still")).toBe("spiffe://federated.test/client still");
      expect(served.connections()).toBe(1);
      const other = opened.client({ source: sourceOf(client, [own]), authorize: anyPeer() }, served.port);
      await other.request("new");
      expect(served.connections()).toBe(2);
      expect(ends).toEqual([]);
    });

    it("MTL-D12: serves nobody on a connection that is kept past the peer's end, and closes it", {
      timeout: 20_000,
    }, async () => {
      const notAfter = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000);
      const short = sourceOf(federated.issue("/client", { notAfter }), [own]);
      const { served, calling, ends, refused } = await opened.connected("serving", {
        calling: { source: short, closeConnections: false },
      });
      await vi.waitFor(() => expect(ends).toMatchObject([{ reason: "PEER_EXPIRED" }]), { timeout: 5_000 });
      expect(ends[0]?.closesAt.getTime()).toBe(notAfter.getTime() + 1_000);
      await vi.waitFor(() => expect(served.connections()).toBe(0), { timeout: 5_000, interval: 10 });
      expect(Date.now()).toBeLessThan(notAfter.getTime() + 1_500);
      await sleep(Math.max(0, notAfter.getTime() + 1_000 - Date.now()));
      const before = served.seen.length;
      await expect(calling.request("late")).rejects.toThrow();
      expect(served.seen).toHaveLength(before);
      expect(refused.map(codeOf).every((code) => code === "EXPIRED")).toBe(true);
    });
  });

  describe("a client", inTurn, () => {
    it("closes what is open and asks no more when the server's bundle is gone, or its certificate revoked", async () => {
      const lost: [FakeX509State, string, string][] = [
        [{ svids: clientState.svids }, "PEER_UNTRUSTED", "NO_BUNDLE"],
        [{ ...clientState, crls: [own.revocationList([server])] }, "PEER_REVOKED", "REVOKED"],
      ];
      for (const [state, reason, code] of lost) {
        const workload = await opened.live(clientState);
        const { served, calling, ends } = await opened.connected("calling", {
          calling: { source: workload.source },
        });
        workload.push(state);
        await vi.waitFor(() => expect(served.connections()).toBe(0), { interval: 5, timeout: 3_000 });
        expect(ends).toMatchObject([{ reason }]);
        const error: unknown = await calling.request("again").catch((thrown: unknown) => thrown);
        expect(refusalOf(error)).toBe(code);
        expect(served.seen).toHaveLength(1);
      }
    });

    it("closes what is open and connects no more when its own identity is withdrawn", async () => {
      const workload = await opened.live(clientState);
      const { served, calling, ends } = await opened.connected("calling", { calling: { source: workload.source } });
      workload.withdraw();
      await vi.waitFor(() => expect(served.connections()).toBe(0), { interval: 5, timeout: 3_000 });
      expect(ends).toMatchObject([{ reason: "SVID_WITHDRAWN" }]);
      const error: unknown = await calling.request("again").catch((thrown: unknown) => thrown);
      expect(refusalOf(error)).toBe("NO_SVID");
    });

    it("MTL-D17: never asks on a connection whose server is no longer the one wanted", async () => {
      let wanted = true;
      const workload = await opened.live(clientState);
      const { served, calling, ends } = await opened.connected("calling", {
        calling: { source: workload.source, authorize: () => wanted },
      });
      wanted = false;
      workload.push({ ...clientState, federated: [own, TestCa.create({ trustDomain: "third.test" })] });
      await vi.waitFor(() => expect(ends).toMatchObject([{ reason: "NOT_AUTHORIZED" }]));
      const error: unknown = await calling.request("again").catch((thrown: unknown) => thrown);
      expect(refusalOf(error)).toBe("NOT_AUTHORIZED");
      expect(served.seen).toHaveLength(1);
    });

    it("moves to a new connection before the server's certificate ends, and loses no request", {
      timeout: 20_000,
    }, async () => {
      const notAfter = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000);
      const workload = await opened.live({
        ...serverState,
        svids: [{ ca: own, identity: own.issue("/server", { notAfter }) }],
      });
      // The server leaves it to the client.
      const { served, calling, ends } = await opened.connected("calling", {
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

describe.each(transports.filter(({ bare }) => bare !== true))("$name", sideBySide, (transport) => {
  const opened = new Opened(transport);
  afterEach(() => opened.close());

  it("takes no request on a connection past its end that nothing has closed yet", { timeout: 20_000 }, async () => {
    const notAfter = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000);
    const short = sourceOf(federated.issue("/client", { notAfter }), [own]);
    const { served, calling } = await opened.connected("serving", {
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
});
