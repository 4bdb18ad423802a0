// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AttestedNode } from "@mayfly/registration";
import { permissionDeniedReason, reasonOf, type StatusError } from "@mayfly/rpc";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AgentCheck } from "../src/authorization/agent-check.ts";
import { AgentSessions } from "../src/authorization/agent-sessions.ts";
import { Authorizer } from "../src/authorization/authorize.ts";
import { TaskCallers } from "../src/authorization/task-callers.ts";
import { systemClock } from "../src/clock.ts";
import { CallJournal } from "../src/rpc/call-journal.ts";
import { openState, type ServerState } from "../src/state.ts";
import type { Connection } from "../src/transport/connection.ts";
import { collect, configIn, trustDomain } from "./server-under-test.ts";

const method = "/spire.api.server.entry.v1.Entry/GetAuthorizedEntries";
const now = (): number => Math.floor(Date.now() / 1000);

function node(name: string): AttestedNode {
  return {
    id: `spiffe://${trustDomain}/spire/agent/join_token/${name}`,
    attestationType: "join_token",
    serialNumber: "1",
    expiresAt: now() + 600,
    newSerialNumber: "",
    newExpiresAt: 0,
    canReattest: false,
    agentVersion: "",
    selectors: [],
  };
}

function connectionOf({ id }: AttestedNode, serialNumber = "1"): Connection {
  const identity = { id, serialNumber, notAfter: new Date(Date.now() + 600_000) };
  return { kind: "tcp", address: "192.0.2.1", identity, chain: [] };
}

/** UNAVAILABLE, with a code for people and nothing that an agent acts upon. */
function expectNoReasonFor(refused: StatusError): void {
  expect(refused.code).toBe(14);
  expect(permissionDeniedReason(refused)).toBeUndefined();
  expect(reasonOf(refused)?.code).toBe("STORE_CLOSED");
}

describe("a store that can't be reached", () => {
  let directory: string;
  let state: ServerState;
  let authorizer: Authorizer;
  const log: Record<string, unknown>[] = [];
  const logger = collect(log);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "mayfly-outage-"));
    state = await openState(configIn(directory), { keys: "memory", clock: systemClock, logger });
    const { datastore, views } = state;
    const agents = new AgentCheck({ nodes: datastore.nodes, views, clock: systemClock });
    const guards = { trustDomain, gateways: [], brokers: [] };
    const taskCallers = new TaskCallers({ ...guards, ...datastore, clock: systemClock });
    const { entries } = datastore;
    authorizer = new Authorizer({ adminIds: [], entries, views, agents, taskCallers, clock: systemClock });
  });

  afterEach(async () => {
    await state[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  it("says UNAVAILABLE without a reason that costs an agent its identity, whatever memory holds", async () => {
    const known = node("known");
    await state.datastore.nodes.attest(known);
    expect(await authorizer.authorize(method, connectionOf(known))).toMatchObject({ allowed: true });
    await state.datastore[Symbol.asyncDispose]();
    const journal = new CallJournal(logger);
    const refusedFor = async (connection: Connection): Promise<ReturnType<CallJournal["refused"]>> => {
      try {
        await authorizer.authorize(method, connection);
      } catch (error) {
        return journal.refused({ path: method, peer: connection }, error);
      }
      throw new Error("it was decided without the store");
    };
    const unknown = [connectionOf(node("unknown")), connectionOf(known, "2")];
    for (const connection of unknown) expectNoReasonFor(await refusedFor(connection));
    // A yes from memory is good for two seconds after the store was last seen alive.
    await sleep(2100);
    expect(state.views.isFresh()).toBe(false);
    expectNoReasonFor(await refusedFor(connectionOf(known)));
    await expect(state.authorized.current(known)).rejects.toMatchObject({ code: 14 });
    await expect(state.authorized.find(known, "some-entry")).rejects.toMatchObject({ code: "STORE_CLOSED" });
  });

  it("a record that changes between check and watch ends the call without a reason", async () => {
    const banned = node("banned");
    await state.datastore.nodes.attest(banned);
    await state.datastore.nodes.ban(banned.id);
    using sessions = new AgentSessions(state.views, systemClock);
    const { identity } = connectionOf(banned);
    let ended: { code: number; details: readonly unknown[] } | undefined;
    const call = { path: method, end: (error: { code: number; details: readonly unknown[] }) => void (ended = error) };
    if (identity === undefined) throw new TypeError("an agent has an identity");
    using _session = sessions.open(call, identity);
    expect(ended).toMatchObject({ code: 14, details: [] });
  });
});
