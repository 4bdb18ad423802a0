// SPDX-License-Identifier: Apache-2.0
import { PassThrough } from "node:stream";
import { TLSSocket } from "node:tls";
import { BundleSet, TrustDomain, type VerifiedPeer, verifyPeer, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { TestCa } from "@mayfly/testkit";
import { Certificate } from "@mayfly/x509";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { X509Source } from "../sources/x509-source.ts";
import type { ConnectionEnd } from "./connection-end.ts";
import { ConnectionGuard, type ConnectionGuardOptions } from "./connection-guard.ts";

const start = new Date("2026-03-01T12:00:00Z");
const ca = TestCa.create({ now: start });
const bundles = BundleSet.of(new X509Bundle(TrustDomain.parse(ca.trustDomain), [Certificate.parse(ca.certificate)]));
const { chain, privateKey } = ca.issue("/own");
const svid = X509Svid.of(
  chain.map((der) => Certificate.parse(der)),
  privateKey,
);

beforeEach(() => vi.useFakeTimers({ now: start, toFake: ["Date", "setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

interface Watched {
  readonly guard: ConnectionGuard;
  readonly ends: ConnectionEnd[];
  readonly source: X509Source;
}

function guardOf(options: Partial<ConnectionGuardOptions> = {}): Watched {
  const source = X509Source.of({ svids: [svid], bundles, crls: [] });
  const ends: ConnectionEnd[] = [];
  const onConnectionEnd = (end: ConnectionEnd): void => void ends.push(end);
  return {
    source,
    ends,
    guard: new ConnectionGuard({ source, authorize: () => true, role: "client", onConnectionEnd, ...options }),
  };
}

/** A peer whose certificate ends after these seconds. */
function peerFor(seconds: number): VerifiedPeer {
  const identity = ca.issue("/peer", { notAfter: new Date(start.getTime() + seconds * 1_000) });
  return verifyPeer(identity.chain, bundles, { now: start });
}

interface Opened {
  readonly socket: TLSSocket;
  drained: number;
  idle: boolean;
}

function open(guard: ConnectionGuard, peer: VerifiedPeer, idle = false): Opened {
  const opened = { socket: new TLSSocket(new PassThrough()), drained: 0, idle };
  guard.add({ socket: opened.socket, peer, drain: () => opened.drained++, isIdle: () => opened.idle });
  return opened;
}

/** So many milliseconds go by, ticks included. */
function pass(ms: number): void {
  vi.advanceTimersByTime(ms);
}

it("announces an expiry, drains, and destroys at the end of the last second", () => {
  const { guard, ends } = guardOf();
  const connection = open(guard, peerFor(600));
  pass(595_500);
  expect(ends).toEqual([]);
  expect(guard.isLive(connection.socket)).toBe(true);
  pass(750);
  expect(ends).toMatchObject([{ reason: "PEER_EXPIRED", closesAt: new Date(start.getTime() + 601_000) }]);
  expect(connection).toMatchObject({ drained: 1, socket: { destroyed: false } });
  expect(guard.isLive(connection.socket)).toBe(false);
  expect(guard.mayServe(connection.socket)).toBe(true);
  pass(4_500);
  expect(connection.socket.destroyed).toBe(false);
  pass(500);
  expect(connection.socket.destroyed).toBe(true);
  expect(guard.mayServe(connection.socket)).toBe(false);
  expect(ends).toHaveLength(1);
});

it("drains no longer than a tenth of what was left at the handshake", () => {
  const { guard, ends } = guardOf();
  open(guard, peerFor(19));
  pass(17_750);
  expect(ends).toEqual([]);
  pass(500);
  expect(ends).toHaveLength(1);
});

it("lets a client turn away twice as early as a server", () => {
  const { guard, ends } = guardOf({ role: "server" });
  const connection = open(guard, peerFor(600));
  pass(590_500);
  expect(guard.isLive(connection.socket)).toBe(true);
  pass(750);
  expect(guard.isLive(connection.socket)).toBe(false);
  expect(ends).toHaveLength(1);
});

it("ends with the own SVID where that is the earlier", () => {
  const { guard, ends } = guardOf();
  const short = ca.issue("/own", { notAfter: new Date(start.getTime() + 60_000) });
  const shown = X509Svid.of(
    short.chain.map((der) => Certificate.parse(der)),
    short.privateKey,
  );
  guard.add({
    socket: new TLSSocket(new PassThrough()),
    peer: peerFor(600),
    svid: shown,
    drain: () => {},
    isIdle: () => false,
  });
  pass(60_000);
  expect(ends).toMatchObject([{ reason: "SVID_EXPIRED" }]);
});

it("closes what is idle when it drains, and what becomes idle as soon as it says so", () => {
  const { guard } = guardOf();
  const [idle, busy] = [open(guard, peerFor(600), true), open(guard, peerFor(600))];
  pass(596_250);
  expect(idle.socket.writableEnded).toBe(true);
  expect(busy.socket.writableEnded).toBe(false);
  busy.idle = true;
  guard.idle(busy.socket);
  expect(busy.socket.writableEnded).toBe(true);
});

it("destroys at once what ended while the process was suspended", () => {
  const { guard, ends } = guardOf();
  const connection = open(guard, peerFor(600));
  vi.setSystemTime(start.getTime() + 700_000);
  expect(guard.mayServe(connection.socket)).toBe(false);
  pass(250);
  expect(connection).toMatchObject({ drained: 0, socket: { destroyed: true } });
  expect(ends).toMatchObject([{ reason: "PEER_EXPIRED" }]);
});

it("destroys at once what is past its end when it comes", () => {
  const { guard } = guardOf();
  const peer = peerFor(10);
  vi.setSystemTime(start.getTime() + 11_000);
  expect(open(guard, peer).socket.destroyed).toBe(true);
});

it("only tells when connections are not to be closed", () => {
  const { guard, ends } = guardOf({ closeConnections: false });
  const connection = open(guard, peerFor(10), true);
  pass(20_000);
  expect(ends).toHaveLength(1);
  expect(connection).toMatchObject({ drained: 0, socket: { destroyed: false } });
  expect(guard.isLive(connection.socket)).toBe(false);
  expect(guard.mayServe(connection.socket)).toBe(true);
});

it("takes a failure of its observer for a warning", async () => {
  const warned = new Promise((resolve) => process.once("warning", resolve));
  const { guard } = guardOf({
    onConnectionEnd: () => {
      throw new Error("observer");
    },
  });
  const connection = open(guard, peerFor(10));
  pass(20_000);
  expect(connection.socket.destroyed).toBe(true);
  expect(await warned).toMatchObject({ message: "observer" });
});

it("ends the others when one can't be drained", async () => {
  const warned = new Promise((resolve) => process.once("warning", resolve));
  const { guard, source } = guardOf();
  const drain = (): never => {
    throw new Error("drain");
  };
  const sockets = [1, 2, 3].map(() => new TLSSocket(new PassThrough()));
  for (const socket of sockets) guard.add({ socket, peer: peerFor(600), drain, isIdle: () => false });
  await source[Symbol.asyncDispose]();
  await new Promise((resolve) => setImmediate(resolve));
  pass(1_000);
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, true, true]);
  expect(await warned).toMatchObject({ message: "drain" });
});

it("ends all with a source whose `select` fails", async () => {
  const select = (): never => {
    throw new Error("select");
  };
  const source = X509Source.of({ svids: [svid], bundles, crls: [] }, { select });
  expect(() => source.svid).toThrow(expect.objectContaining({ code: "NO_SVID", cause: new Error("select") }));
  expect(source.health).toMatchObject({ state: "connected" });
  const { guard, ends } = guardOf({ source });
  const socket = new TLSSocket(new PassThrough());
  guard.add({ socket, peer: peerFor(600), svid, drain: () => undefined, isIdle: () => false });
  await source[Symbol.asyncDispose]();
  await new Promise((resolve) => setImmediate(resolve));
  pass(1_000);
  expect(ends).toMatchObject([{ reason: "SOURCE_CLOSED" }]);
  expect(socket.destroyed).toBe(true);
});

it("gives what is under way a second when its source is closed", async () => {
  const { guard, ends, source } = guardOf();
  const [idle, busy] = [open(guard, peerFor(600), true), open(guard, peerFor(600))];
  await source[Symbol.asyncDispose]();
  await new Promise((resolve) => setImmediate(resolve));
  expect(ends.map(({ reason }) => reason)).toEqual(["SOURCE_CLOSED", "SOURCE_CLOSED"]);
  expect(guard.mayServe(busy.socket)).toBe(false);
  expect(idle.socket.writableEnded).toBe(true);
  expect(busy.socket.destroyed).toBe(false);
  pass(1_000);
  expect(busy.socket.destroyed).toBe(true);
});

it("keeps neither a timer nor a connection when all are gone", async () => {
  const { guard } = guardOf();
  const sockets = [1, 2, 3].map(() => open(guard, peerFor(600)).socket);
  expect([guard.size, vi.getTimerCount()]).toEqual([3, 1]);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => setImmediate(resolve));
  expect([guard.size, vi.getTimerCount()]).toEqual([0, 0]);
  expect(guard.isLive(sockets[0] ?? new TLSSocket(new PassThrough()))).toBe(false);
});

it("takes a time for drainMs and nothing else", () => {
  for (const drainMs of [-1, Number.NaN]) expect(() => guardOf({ drainMs })).toThrow(RangeError);
});

it("the end of many connections at once leaves the event loop to others", async () => {
  const { guard } = guardOf();
  const peer = peerFor(600);
  const connections = Array.from({ length: 12 }, () => open(guard, peer));
  for (const { socket } of connections) {
    const destroy = socket.destroy.bind(socket);
    socket.destroy = (error) => {
      const end = performance.now() + 8;
      while (performance.now() < end);
      return destroy(error);
    };
  }
  pass(600_750);
  const destroyed = (): number => connections.filter(({ socket }) => socket.destroyed).length;
  pass(250);
  expect(destroyed()).toBeGreaterThan(0);
  expect(destroyed()).toBeLessThan(12);
  await expect.poll(destroyed).toBe(12);
});
