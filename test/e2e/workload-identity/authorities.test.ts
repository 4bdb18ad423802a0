// SPDX-License-Identifier: Apache-2.0
import { localAuthorityService, mayflyWorkloadService, workloadApiService } from "@mayfly/rpc";
import { parseJwtSvid } from "@mayfly/spiffe";
import { Certificate } from "@mayfly/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nextOf, TestSystem, until, watchX509 } from "./system.ts";

const methods = localAuthorityService.methods;

describe("an authority that is tainted and then revoked", () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await TestSystem.start();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  it("X.509: agent and workloads leave it at once, and nothing stops when it goes", async () => {
    const { admin } = system.server;
    const first = await system.createEntry("/steady");
    using channel = system.openWorkload();
    const stream = watchX509(channel, 60_000);
    const signer = async (): Promise<string | undefined> => {
      const [svid] = (await nextOf(stream)).svids;
      return Certificate.parse(svid?.x509_svid ?? Buffer.alloc(0)).authorityKeyId;
    };
    const agentEnd = async (): Promise<string> =>
      (await channel.unary(mayflyWorkloadService.methods.GetAgentStatus, {})).svid_expires_at;
    const old = (await admin.unary(methods.GetX509AuthorityState, {})).active?.authority_id ?? "";
    expect(await signer()).toBe(old);
    const before = await agentEnd();
    // Ends are told in seconds.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const prepared = (await admin.unary(methods.PrepareX509Authority, {})).prepared_authority?.authority_id ?? "";
    await admin.unary(methods.ActivateX509Authority, { authority_id: prepared });
    await admin.unary(methods.TaintX509Authority, { authority_id: old });
    let current = await signer();
    while (current === old) current = await signer();
    expect(current).toBe(prepared);
    await until(async () => (await agentEnd()) !== before);
    await admin.unary(methods.RevokeX509Authority, { authority_id: old });
    const second = await system.createEntry("/after");
    let { svids } = await nextOf(stream);
    while (svids.length < 2) ({ svids } = await nextOf(stream));
    for (const id of [first, second]) await system.server.deleteEntry(id);
  });

  it("JWT: tokens of the old key are not handed out again", async () => {
    const { admin } = system.server;
    await system.createEntry("/tokens");
    using channel = system.openWorkload();
    const keyId = async (): Promise<string> => {
      const { svids } = await channel.unary(workloadApiService.methods.FetchJWTSVID, { audience: ["a"] });
      return parseJwtSvid(svids[0]?.svid ?? "").keyId;
    };
    await nextOf(watchX509(channel));
    const old = await keyId();
    const prepared = (await admin.unary(methods.PrepareJWTAuthority, {})).prepared_authority?.authority_id ?? "";
    await admin.unary(methods.ActivateJWTAuthority, { authority_id: prepared });
    expect(await keyId()).toBe(old);
    await admin.unary(methods.TaintJWTAuthority, { authority_id: old });
    await until(async () => (await keyId()) === prepared);
  });
});
