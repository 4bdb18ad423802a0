// SPDX-License-Identifier: Apache-2.0
import { mayflyAccountsService, mayflyApprovalsService, mayflyLeasesService, type RpcChannel } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ExportedLog } from "./exported-log.ts";
import { addOperator, codeOf, TaskWorld } from "./task-world.ts";

const { ListAccounts, AdoptAccount, OrderAccount, TakeOrders, FinishOrder } = mayflyAccountsService.methods;
const { ReportUnmanaged } = mayflyLeasesService.methods;
const denied = /^status 7: authorization denied/;
const app = { target: "orders", account: "billing_app" };
const verifier = `SCRAM-SHA-256$4096:${"A".repeat(22)}==$${"B".repeat(43)}=:${"C".repeat(43)}=`;

let world: TaskWorld;
let rae: RpcChannel;
let mona: RpcChannel;
beforeAll(async () => {
  world = await TaskWorld.start();
  const person = async (name: string, role: string, prefix: string): Promise<RpcChannel> => {
    const roles = [{ role, prefix }];
    await addOperator(world.admin, name, [role], { spiffe_ids: [`spiffe://example.org/people/${name}`], roles });
    return world.under.as(await world.under.mint(`/people/${name}`));
  };
  rae = await person("rae", "admin", "/ops");
  mona = await person("mona", "admin", "/");
  await report();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** What a broker finds at its database: one account that its configuration names, one that nobody knows. */
async function report(): Promise<void> {
  const plain = { target: "orders", last_activity_ms: "0", can_login: true };
  const accounts = [
    { ...plain, account: "billing_app", legacy: true },
    { ...plain, account: "stray", legacy: false },
  ];
  await world.broker.unary(ReportUnmanaged, { target: "orders", accounts });
}

const soon = (ms: number): string => String(Date.now() + ms);

describe("accounts that no lease explains", () => {
  it("POL-D04: are for whoever administers all agents; orders are given out to brokers only", async () => {
    const adoption = { ...app, owner: "dana", expires_at_ms: soon(3_600_000) };
    const ofPart = [rae.unary(ListAccounts, {}), rae.unary(AdoptAccount, adoption), rae.unary(OrderAccount, app)];
    expect(await Promise.all(ofPart.map(codeOf))).toEqual(["NOT_ALLOWED", "NOT_ALLOWED", "NOT_ALLOWED"]);
    const { accounts } = await mona.unary(ListAccounts, {});
    expect(accounts.map(({ account }) => account)).toEqual(["billing_app", "stray"]);
    const ofOthers: readonly Promise<unknown>[] = [
      mona.unary(TakeOrders, { target: "orders" }),
      world.gateway.unary(TakeOrders, { target: "orders" }),
      world.admin.unary(FinishOrder, { ...app, id: "o" }),
      world.broker.unary(OrderAccount, { ...app, order: "isolate" }),
    ];
    for (const code of await Promise.all(ofOthers.map(codeOf))) expect(code).toMatch(denied);
  });

  it("POL-D04: definitions of tools are for the same people", async () => {
    const { GetTool } = mayflyApprovalsService.methods;
    expect(await codeOf(rae.unary(GetTool, { server: "orders", tool: "query" }))).toBe("NOT_ALLOWED");
  });

  it("come page by page", async () => {
    const first = await mona.unary(ListAccounts, { page_size: 1 });
    const second = await mona.unary(ListAccounts, { page_size: 1, page_token: first.next_page_token });
    expect([first, second].map(({ accounts }) => accounts.map(({ account }) => account))).toEqual([
      ["billing_app"],
      ["stray"],
    ]);
    expect(second.next_page_token).toBe("");
  });

  it.each([
    ["a password in place of what the database stores of it", { order: "rotate", verifier: "a password" }],
    ["an isolation with a password", { order: "isolate", verifier }],
    ["another order", { order: "drop", verifier: "" }],
  ])("refuse %s", async (_what, fields) => {
    await expect(mona.unary(OrderAccount, { ...app, ...fields })).rejects.toMatchObject({ code: 3 });
    expect((await world.broker.unary(TakeOrders, { target: "orders" })).orders).toEqual([]);
  });

  it("are touched by nobody where the broker's configuration does not name them", async () => {
    const stray = { target: "orders", account: "stray", order: "isolate" };
    expect(await codeOf(mona.unary(OrderAccount, stray))).toBe("ACCOUNT_NOT_NAMED");
    expect(await codeOf(mona.unary(OrderAccount, { ...stray, account: "none" }))).toBe("ACCOUNT_UNKNOWN");
  });

  it("take the newest order, and only its own answer counts", async () => {
    await mona.unary(OrderAccount, { ...app, order: "rotate", verifier });
    const [rotate] = (await world.broker.unary(TakeOrders, { target: "orders" })).orders;
    await mona.unary(OrderAccount, { ...app, order: "isolate" });
    const [isolate, ...more] = (await world.broker.unary(TakeOrders, { target: "orders" })).orders;
    expect([rotate?.verifier, isolate?.order, isolate?.verifier, more.length]).toEqual([verifier, "isolate", "", 0]);
    await world.broker.unary(FinishOrder, { ...app, id: rotate?.id });
    expect((await mona.unary(ListAccounts, {})).accounts[0]).toMatchObject({ order: "isolate", rotated_at_ms: "0" });
    await world.broker.unary(FinishOrder, { ...app, id: isolate?.id, sessions_cut: 1 });
    expect((await mona.unary(ListAccounts, {})).accounts[0]).toMatchObject({ order: "", alarms: [] });
  });

  it("are told of once when their end is over", async () => {
    await mona.unary(AdoptAccount, { ...app, owner: "dana", expires_at_ms: soon(700) });
    await report();
    await expect
      .poll(async () => (await mona.unary(ListAccounts, {})).accounts[0]?.alarms, { timeout: 10_000 })
      .toEqual(["EXPIRED"]);
    await report();
    await report();
    await mona.unary(AdoptAccount, { ...app, owner: "dana", expires_at_ms: soon(3_600_000), why: "the last act" });
    const acts = async (): Promise<readonly Readonly<Record<string, unknown>>[]> =>
      (await ExportedLog.from(world.admin)).records.map(({ body }) => body);
    await expect.poll(acts, { timeout: 10_000 }).toContainEqual(expect.objectContaining({ why: "the last act" }));
    expect((await acts()).filter(({ act }) => act === "account-alarm")).toEqual([
      expect.objectContaining({ account: "billing_app", owner: "dana", alarms: ["EXPIRED"] }),
    ]);
  });
});
