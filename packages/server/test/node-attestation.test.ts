// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { parseEnrolment } from "@mayfly/attestation";
import { agentService, entryService, mayflyAdminService, mayflyAgentService } from "@mayfly/rpc";
import { setDigest } from "@mayfly/registration";
import { createRequest } from "@mayfly/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKeys, refusal, ServerUnderTest } from "./server-under-test.ts";

const invalid = 3;
const denied = 7;

describe("node attestation", () => {
  let under: ServerUnderTest;

  beforeAll(async () => {
    under = await ServerUnderTest.start();
  });

  afterAll(async () => {
    await under[Symbol.asyncDispose]();
  });

  async function attestAs(type: string, payload: string): Promise<void> {
    const params = {
      data: { type, payload: Buffer.from(payload) },
      params: { csr: createRequest({ keys: newKeys() }) },
    };
    async function* messages(): AsyncGenerator<object> {
      yield { params };
    }
    for await (const _ of under.anonymous().bidi(agentService.methods.AttestAgent, messages()));
  }

  it("NOD-D01: a token works once", async () => {
    const token = await under.token();
    const { id } = await under.attest(token);
    expect(id.path).toBe(`/spire/agent/join_token/${token}`);
    expect(under.log.filter(({ event }) => event === "node_attested")).toMatchObject([
      { attestation_type: "join_token" },
    ]);
    expect(await refusal(under.attest(token))).toEqual({
      code: invalid,
      message: "failed to attest: join token does not exist or has already been used",
      reason: undefined,
    });
  });

  it("NOD-D02: of 50 attestations at once with one token, one succeeds, 20 times over", async () => {
    const channels = Array.from({ length: 5 }, () => under.anonymous());
    for (let round = 0; round < 20; round++) {
      const token = await under.token();
      const keys = newKeys();
      const attempts = Array.from({ length: 50 }, (_, index) => under.attest(token, channels[index % 5], keys));
      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    }
  });

  it("NOD-D03: an expired token is refused", async () => {
    const token = await under.token({ ttl: 1 });
    await sleep(2000);
    expect(await refusal(under.attest(token))).toMatchObject({ code: invalid, message: "join token expired" });
  });

  it("NOD-D04: nothing that only resembles a token works", async () => {
    const token = await under.token({ token: "Abcdef-0123456789" });
    const wide = token.replaceAll(/[0-9]/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
    for (const near of [`${token} `, `${token}\0`, token.toLowerCase(), token.slice(0, -1), wide, ` ${token}`]) {
      expect((await refusal(under.attest(near))).code).toBe(invalid);
    }
    expect((await under.attest(token)).id.path).toBe("/spire/agent/join_token/Abcdef-0123456789");
  });

  it.each(["../../server", "a%2fb", "a/b", "..", "a b", "a\0", "ä"])("NOD-D05: no token %j is made", async (token) => {
    expect((await refusal(under.token({ token }))).code).toBe(invalid);
  });

  it("NOD-D06: wrong tokens from one address wait for one another", async () => {
    await using limited = await ServerUnderTest.start({ rate_limit: { attestation: 1, signing: 500 } });
    const channel = limited.anonymous();
    const started = performance.now();
    await Promise.all(["a", "b", "c"].map((token) => refusal(limited.attest(token, channel))));
    expect(performance.now() - started).toBeGreaterThan(1900);
    const impatient = Array.from({ length: 100 }, async () => {
      const params = {
        data: { type: "join_token", payload: Buffer.from("x") },
        params: { csr: createRequest({ keys: newKeys() }) },
      };
      async function* messages(): AsyncGenerator<object> {
        yield { params };
      }
      for await (const _ of channel.bidi(agentService.methods.AttestAgent, messages(), { timeoutMs: 1500 }));
    });
    const refusals = await Promise.all(impatient.map(refusal));
    expect(refusals.filter(({ code }) => code === 8).length).toBeGreaterThan(90);
  });

  it("NOD-D10: a banned agent gets nothing, and its open stream ends", async () => {
    const token = await under.token();
    const node = await under.attest(token);
    const agent = under.as(node);
    const stopped = new AbortController();
    async function* open(): AsyncGenerator<object> {
      const nothing = setDigest(new Map());
      yield { open: { entries_digest: nothing, bundles_digest: nothing, seen_revision: "0", agent_version: "test" } };
      await sleep(10_000, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
    const opened = Promise.withResolvers<void>();
    const stream = (async () => {
      for await (const _ of agent.bidi(mayflyAgentService.methods.Sync, open())) opened.resolve();
    })();
    const ended = refusal(stream);
    await opened.promise;
    const started = performance.now();
    await under.admin.unary(agentService.methods.BanAgent, { id: node.id });
    expect(await ended).toMatchObject({ code: denied, reason: "AGENT_BANNED" });
    expect(performance.now() - started).toBeLessThan(1000);
    stopped.abort();
    const renewal = agent.unary(agentService.methods.RenewAgent, {
      params: { csr: createRequest({ keys: newKeys() }) },
    });
    expect(await refusal(renewal)).toMatchObject({ code: denied, reason: "AGENT_BANNED" });
    const entries = agent.unary(entryService.methods.GetAuthorizedEntries, {});
    expect(await refusal(entries)).toMatchObject({ code: denied, reason: "AGENT_BANNED" });
    // The same agent ID again, by a fresh token of the same name.
    await under.token({ token });
    expect(await refusal(under.attest(token))).toMatchObject({
      code: denied,
      message: "failed to attest: agent is banned",
    });
  });

  it.each(["JOIN_TOKEN", "join_token\0", "x509pop", "7"])("NOD-D12: the unknown type %j is refused", async (type) => {
    const token = await under.token();
    expect((await refusal(attestAs(type, token))).code).toBe(9);
    expect((await under.attest(token)).chain.length).toBeGreaterThan(0);
  });

  it("NOD-D12: an empty type is refused", async () => {
    expect((await refusal(attestAs("", "token"))).code).toBe(invalid);
  });

  it("an enrolment string enrols, and a lost reply costs nothing while the key is the same", async () => {
    const { enrolment, agent_id: id } = await under.admin.unary(mayflyAdminService.methods.CreateEnrolment, {
      ttl: 60,
    });
    const parsed = parseEnrolment(enrolment);
    const keys = newKeys();
    const first = await under.attest(parsed.token, undefined, keys);
    const second = await under.attest(parsed.token, undefined, keys);
    expect([first.id, second.id]).toEqual([id, id]);
    expect(parsed.serverAddress).toBe(`127.0.0.1:${String(under.server.address.port)}`);
    expect((await refusal(under.attest(parsed.token))).code).toBe(invalid);
    const lines = JSON.stringify(under.log);
    expect(lines).not.toContain(parsed.token);
  });
});
