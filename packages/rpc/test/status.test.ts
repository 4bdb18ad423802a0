// SPDX-License-Identifier: Apache-2.0
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import {
  healthService,
  permissionDeniedDetail,
  permissionDeniedReason,
  reasonDetail,
  reasonOf,
  StatusError,
} from "../src/index.ts";
import { LocalServer, rejection } from "./harness.ts";

const { Check } = healthService.methods;

function failing(error: StatusError): Promise<LocalServer> {
  return LocalServer.health({ Check: () => Promise.reject(error) });
}

async function thrown(error: StatusError): Promise<StatusError> {
  await using local = await failing(error);
  return (await rejection(local.open().unary(Check, {}))) as StatusError;
}

/** What a plain client sees. */
async function raw(error: StatusError): Promise<ServiceError> {
  await using local = await failing(error);
  const client = new Client(`unix://${local.path}`, credentials.createInsecure());
  const bytes = (buffer: Buffer): Buffer => buffer;
  const seen = await new Promise<ServiceError | null>((resolve) =>
    client.makeUnaryRequest(Check.path, bytes, bytes, Buffer.alloc(0), resolve),
  );
  client.close();
  return seen ?? expect.unreachable();
}

describe("status details", () => {
  it("are written as google.rpc.Status whose code is the call's", async () => {
    const seen = await raw(new StatusError(7, "m", [permissionDeniedDetail("AGENT_BANNED")]));
    const type = Buffer.from("type.googleapis.com/spire.api.types.PermissionDeniedDetails");
    // Status{1: 7, 2: "m", 3: Any{1: type, 2: PermissionDeniedDetails{1: 4}}}
    const any = Buffer.concat([Buffer.of(0x0a, type.length), type, Buffer.from("12020804", "hex")]);
    const golden = Buffer.concat([Buffer.from("080712016d1a", "hex"), Buffer.of(any.length), any]);
    expect(seen.metadata.get("grpc-status-details-bin")).toEqual([golden]);
    expect(seen).toMatchObject({ code: 7, details: "m" });
  });

  it("are absent when there are none", async () => {
    expect((await raw(new StatusError(7, "m"))).metadata.get("grpc-status-details-bin")).toEqual([]);
  });

  it("carry an agent's reason and ours side by side", async () => {
    const reason = { code: "NODE_BANNED", message: "the node is banned", hint: "mayfly node evict" };
    const error = await thrown(
      new StatusError(7, "denied", [permissionDeniedDetail("AGENT_BANNED"), reasonDetail(reason)]),
    );
    expect(permissionDeniedReason(error)).toBe("AGENT_BANNED");
    expect(reasonOf(error)).toEqual(reason);
    expect(permissionDeniedReason(new StatusError(7, "x"))).toBeUndefined();
    expect(reasonOf(new StatusError(7, "x"))).toBeUndefined();
  });

  it("that can't be read, or that nobody knows, leave the status as it is", () => {
    const garbage = Buffer.from("0aff", "hex");
    const broken = new StatusError(7, "x", [
      { typeUrl: "type.googleapis.com/spire.api.types.PermissionDeniedDetails", value: garbage },
      { typeUrl: "type.googleapis.com/mayfly.v1.Reason", value: garbage },
    ]);
    expect(permissionDeniedReason(broken)).toBeUndefined();
    expect(reasonOf(broken)).toBeUndefined();
    const unknown = new StatusError(7, "x", [
      { typeUrl: "type.googleapis.com/spire.api.types.PermissionDeniedDetails", value: Buffer.of(8, 99) },
    ]);
    expect(permissionDeniedReason(unknown)).toBeUndefined();
  });

  it("and texts that are too large for some clients are cut, the code never", async () => {
    const huge = await raw(new StatusError(9, "ä".repeat(100_000), [{ typeUrl: "x", value: Buffer.alloc(10_000) }]));
    expect(huge.code).toBe(9);
    expect(huge.details).toMatch(/^ä{440}…$/);
    expect(huge.metadata.get("grpc-status-details-bin")).toEqual([]);
    const long = `invalid ID: ${"x".repeat(2048)}`;
    expect((await raw(new StatusError(3, long))).details).toBe(long);
  });

  it("with a code that is none becomes UNKNOWN, also OK", async () => {
    for (const code of [0, -1, 17, 1.5, Number.NaN])
      expect(await thrown(new StatusError(code, "x"))).toMatchObject({ code: 2, message: "x" });
  });
});
