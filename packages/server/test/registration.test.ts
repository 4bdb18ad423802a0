// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import {
  agentService,
  bundleService,
  type EntryMessage,
  entryService,
  mayflyAdminService,
  type Sent,
  svidService,
} from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Identity, idOf, refusal, ServerUnderTest, trustDomain } from "./server-under-test.ts";

const invalid = 3;
const denied = 7;

describe("registration", () => {
  let under: ServerUnderTest;
  let node: Identity;

  beforeAll(async () => {
    under = await ServerUnderTest.start();
    node = await under.agent();
  });

  afterAll(async () => {
    await under[Symbol.asyncDispose]();
  });

  const refused = async (fields: Sent<EntryMessage>): Promise<number> =>
    (await refusal(under.entry({ parent_id: node.id, ...fields }))).code;
  const count = async (): Promise<number> => (await under.admin.unary(entryService.methods.CountEntries, {})).count;

  const tooLong = `/${"p".repeat(2049 - `spiffe://${trustDomain}/`.length)}`;
  it.each(["/a/../b", "/./a", "//a", "/a//b", "/a/", "/%2e%2e", "/ä", "a", tooLong])(
    "REG-D01: refuses the path %j and stores nothing",
    async (path) => {
      const before = await count();
      expect(await refused({ spiffe_id: idOf(path) })).toBe(invalid);
      expect(await refused({ spiffe_id: idOf("/ok"), parent_id: idOf(path) })).toBe(invalid);
      expect(await count()).toBe(before);
    },
  );

  it.each(["other.test", "Example.org", "example.org:80", "u@example.org", "example.org?x", "example.org#x", ""])(
    "REG-D02: refuses the trust domain %j",
    async (trust_domain) => {
      expect(await refused({ spiffe_id: { trust_domain, path: "/w" } })).toBe(invalid);
    },
  );

  it("REG-D03: only operators create entries: no workload, no anonymous caller, no operator past the end", async () => {
    const entries = [{ spiffe_id: idOf("/x"), parent_id: node.id, selectors: [{ type: "unix", value: "uid:1" }] }];
    const create = (channel: typeof under.admin): Promise<unknown> =>
      channel.unary(entryService.methods.BatchCreateEntry, { entries });
    expect(await refusal(create(under.anonymous()))).toMatchObject({ code: denied, reason: undefined });
    expect(await refusal(create(under.as(await under.mint("/plain"))))).toMatchObject({ code: denied });
    await under.entry({ spiffe_id: idOf("/operator"), parent_id: node.id, admin: true });
    const operator = under.as(await under.mint("/operator", 3));
    await operator.unary(entryService.methods.CountEntries, {});
    const started = performance.now();
    const codes: number[] = [];
    while (codes.at(-1) !== 14 && performance.now() - started < 6000) {
      await sleep(100);
      const refused = await refusal(create(operator)).catch(() => undefined);
      codes.push(refused?.code ?? 0);
    }
    // From the end on nothing is allowed; then the connection is gone, and a new one is not accepted.
    expect(codes.join(" ")).toMatch(/^(0 )+(7 )*14$/);
    expect(performance.now() - started).toBeLessThan(4500);
  });

  it("REG-D04: an agent may not list entries, agents or bundles", async () => {
    const agent = under.as(node);
    const calls = [
      agent.unary(entryService.methods.ListEntries, {}),
      agent.unary(agentService.methods.ListAgents, {}),
      agent.unary(bundleService.methods.ListFederatedBundles, {}),
      agent.unary(bundleService.methods.AppendBundle, {}),
    ];
    for (const call of calls) expect(await refusal(call)).toMatchObject({ code: denied, reason: undefined });
    const { entries } = await agent.unary(entryService.methods.GetAuthorizedEntries, {});
    expect(entries.every(({ parent_id: parent }) => parent?.path === node.id.path)).toBe(true);
  });

  it("REG-D05: selectors are literal or refused, never patterns", async () => {
    const lists = [[{ type: "", value: "uid:1" }], [{ type: "unix", value: "" }], [{ type: "unix:uid", value: "1" }]];
    for (const selectors of lists) expect(await refused({ spiffe_id: idOf("/s"), selectors })).toBe(invalid);
    for (const value of ["a\nb", "a\0b", "*", "uid:.*", "[0-9]"]) {
      const attempt = under.entry({
        spiffe_id: idOf("/literal"),
        parent_id: node.id,
        selectors: [{ type: "unix", value }],
      });
      const stored = await attempt.catch(({ code }: { code: number }) => code);
      if (typeof stored === "number") {
        expect(stored).toBe(invalid);
        continue;
      }
      expect(stored.selectors).toEqual([{ type: "unix", value }]);
      const { matches } = await under.admin.unary(mayflyAdminService.methods.Explain, {
        spiffe_id: `spiffe://${trustDomain}/literal`,
        node_id: "",
        selectors: [{ type: "unix", value: "uid:1000" }],
      });
      expect(matches).toEqual([]);
    }
  });

  it("REG-D06: a process with one of two selectors does not match, and is told which one it lacks", async () => {
    const selectors = [
      { type: "unix", value: "uid:61" },
      { type: "unix", value: "gid:62" },
    ];
    await under.entry({ spiffe_id: idOf("/both"), parent_id: node.id, selectors });
    const ask = (asked: typeof selectors): ReturnType<typeof under.admin.unary> =>
      under.admin.unary(mayflyAdminService.methods.Explain, {
        spiffe_id: `spiffe://${trustDomain}/both`,
        node_id: "",
        selectors: asked,
      });
    const half = (await ask(selectors.slice(0, 1))) as { matches: unknown[]; findings: { message: string }[] };
    expect(half.matches).toEqual([]);
    expect(JSON.stringify(half.findings)).toContain("gid:62");
    expect(((await ask(selectors)) as { matches: unknown[] }).matches).toHaveLength(1);
  });

  it("REG-D07: refuses an entry without selectors", async () => {
    expect(await refused({ spiffe_id: idOf("/none"), selectors: [] })).toBe(invalid);
  });

  it("REG-D08: names of JavaScript's own properties are only names", async () => {
    const selectors = [{ type: "__proto__", value: "polluted" }];
    const entry = await under.entry({
      spiffe_id: idOf("/__proto__"),
      parent_id: node.id,
      selectors,
      hint: "constructor",
    });
    await under.admin.unary(bundleService.methods.BatchSetFederatedBundle, { bundle: [{ trust_domain: "__proto__" }] });
    expect(entry.spiffe_id?.path).toBe("/__proto__");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    const bundle = await under.admin.unary(bundleService.methods.GetFederatedBundle, { trust_domain: "__proto__" });
    expect(bundle.trust_domain).toBe("__proto__");
  });

  it.each([
    "*",
    "localhost",
    "a\u0001b",
    "a..b",
    Array(300).fill("a").join("."),
    "a*.test",
    "*.*.test",
    "-a.test",
    "ä.test",
  ])("REG-D09: refuses the DNS name %j", async (dns) => {
    expect(await refused({ spiffe_id: idOf("/dns"), dns_names: [dns] })).toBe(invalid);
  });

  it("REG-D10: cycles and a chain of 1,000 parents are walked once", async () => {
    const [first, second] = [idOf("/cycle/a"), idOf("/cycle/b")];
    await under.entry({ id: "cycle-0", spiffe_id: first, parent_id: node.id });
    await under.entry({ id: "cycle-1", spiffe_id: second, parent_id: first });
    await under.entry({ id: "cycle-2", spiffe_id: first, parent_id: second });
    await under.entry({ id: "self", spiffe_id: idOf("/self"), parent_id: idOf("/self") });
    const chain = Array.from({ length: 1000 }, (_, index) => ({
      id: `chain-${String(index)}`,
      spiffe_id: idOf(`/chain/${String(index)}`),
      parent_id: index === 0 ? node.id : idOf(`/chain/${String(index - 1)}`),
      selectors: [{ type: "unix", value: "uid:1" }],
    }));
    await under.admin.unary(entryService.methods.BatchCreateEntry, { entries: chain, output_mask: {} });
    const started = process.cpuUsage();
    const { entries } = await under.as(node).unary(entryService.methods.GetAuthorizedEntries, {});
    const { user, system } = process.cpuUsage(started);
    const ids = new Set(entries.map(({ id }) => id));
    expect(["cycle-0", "cycle-1", "cycle-2", "chain-999"].filter((id) => !ids.has(id))).toEqual([]);
    expect(ids.has("self")).toBe(false);
    expect((user + system) / 1000).toBeLessThan(500);
  });

  it("REG-D11: paths that differ by case are two identities everywhere", async () => {
    const lower = await under.entry({ spiffe_id: idOf("/case"), parent_id: node.id });
    const upper = await under.entry({ spiffe_id: idOf("/CASE"), parent_id: node.id });
    expect(upper.id).not.toBe(lower.id);
    const list = (path: string): Promise<{ entries: readonly EntryMessage[] }> =>
      under.admin.unary(entryService.methods.ListEntries, { filter: { by_spiffe_id: idOf(path) } });
    expect((await list("/case")).entries.map(({ id }) => id)).toEqual([lower.id]);
    expect((await list("/CASE")).entries.map(({ id }) => id)).toEqual([upper.id]);
    await under.entry({ spiffe_id: idOf("/Chief"), parent_id: node.id, admin: true });
    const impostor = under.as(await under.mint("/chief"));
    expect((await refusal(impostor.unary(entryService.methods.ListEntries, {}))).code).toBe(denied);
    const chief = under.as(await under.mint("/Chief"));
    expect((await chief.unary(entryService.methods.CountEntries, {})).count).toBeGreaterThan(2);
  });

  it("tells each change in the log, and no reading", async () => {
    const from = under.log.length;
    await under.entry({ spiffe_id: idOf("/told"), parent_id: node.id });
    await under.admin.unary(entryService.methods.CountEntries, {});
    const told = under.log.slice(from).filter(({ event }) => event === "change_made");
    expect(told).toMatchObject([{ method: entryService.methods.BatchCreateEntry.path, caller: "local" }]);
  });

  it("ISS-D11: no ID of another trust domain, of none, or of a reserved path is minted", async () => {
    for (const id of [
      { trust_domain: "other.test", path: "/w" },
      idOf(""),
      idOf("/spire/server"),
      idOf("/spire/agent/x"),
      idOf("/spire"),
    ]) {
      const call = under.admin.unary(svidService.methods.MintJWTSVID, { id, audience: ["a"] });
      expect((await refusal(call)).code).toBe(invalid);
    }
    for (const path of ["/spire/server", "/spire/agent/x", ""]) {
      expect((await refusal(under.mint(path))).code).toBe(invalid);
    }
  });
});
