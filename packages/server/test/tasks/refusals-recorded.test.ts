// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { mayflyCallsService, mayflyTicketsService, type RpcChannel, StatusError } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServerUnderTest } from "../server-under-test.ts";
import { ExportedLog } from "./exported-log.ts";
import { gatewayId } from "./ids.ts";
import { policyDigest, until } from "./task-world.ts";

const { BeginCall, RecordDenial } = mayflyCallsService.methods;
const { RedeemTicket } = mayflyTicketsService.methods;
/** Few: of one caller 20 refusals a second are recorded. */
const rounds = 5;
const call = {
  task_id: "t-aaaaaaaaaaaaaaaa",
  svid_serial: "c0ffee",
  server: "orders",
  tool: "orders.query",
  effect: "read",
  arguments_digest: `hmac-sha256:${"cd".repeat(32)}`,
  canonical_digest: `sha-256:${"ef".repeat(32)}`,
  policy_digest: policyDigest,
};

let under: ServerUnderTest;
let gateway: RpcChannel;
let node: RpcChannel;
beforeAll(async () => {
  under = await ServerUnderTest.start({ gateways: [gatewayId], rate_limit: { signing: 1 } });
  gateway = under.as(await under.mint("/gateway", 600));
  node = under.as(await under.agent());
});
afterAll(() => under[Symbol.asyncDispose]());

async function statusOf(asked: Promise<unknown>): Promise<number> {
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof StatusError) return error.code;
  throw new TypeError("it was not refused");
}

describe("AUD-D09: a request that is refused", () => {
  it.each([
    ["denied", status.PERMISSION_DENIED, () => node.unary(BeginCall, call)],
    [
      "malformed",
      status.INVALID_ARGUMENT,
      () => gateway.unary(BeginCall, { ...call, arguments_digest: "amount=4000" }),
    ],
    [
      "over the rate limit",
      status.RESOURCE_EXHAUSTED,
      // What would have to wait past its deadline; the first of each second is let through, to be refused for its ticket.
      async () => {
        for (;;) {
          try {
            return await node.unary(RedeemTicket, { ticket: "none" }, { timeoutMs: 400 });
          } catch (error) {
            const { code } = error as { readonly code: status };
            if (code !== status.PERMISSION_DENIED) throw error;
          }
        }
      },
    ],
  ])("as %s is in the record before it is answered", async (_, code, ask) => {
    const indexes: number[] = [];
    for (let round = 0; round < rounds; round++) {
      expect(await statusOf(ask())).toBe(code);
      // Recorded after the answer came: its place is behind that of the refusal.
      const { record_index } = await gateway.unary(RecordDenial, { call, code: "ROUND", message: "" });
      indexes.push(Number(record_index));
    }
    const last = indexes.at(-1) ?? 0;
    await until(async () => (await ExportedLog.from(under.admin)).entries.length > last);
    const { records } = await ExportedLog.from(under.admin);
    const refusals = records.flatMap(({ body }, index) => (body["status"] === code ? [index] : []));
    for (const [round, index] of indexes.entries()) {
      const before = indexes[round - 1] ?? -1;
      expect(refusals.some((at) => at > before && at < index)).toBe(true);
    }
    expect(JSON.stringify(records)).not.toContain("amount=4000");
  });
});
