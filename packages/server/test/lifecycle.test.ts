// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as tlsConnect } from "node:tls";
import {
  agentService,
  bundleService,
  entryService,
  localAuthorityService,
  mayflyAdminService,
  mayflyAgentService,
  RpcChannel,
} from "@mayfly/rpc";
import { setDigest } from "@mayfly/registration";
import { Certificate } from "@mayfly/x509";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startServer } from "../src/index.ts";
import { collect, configIn, idOf, ServerUnderTest, trustDomain } from "./server-under-test.ts";

/** The certificate that the server shows in a handshake now. */
function shownBy(port: number): Promise<Certificate> {
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({ host: "127.0.0.1", port, rejectUnauthorized: false, ALPNProtocols: ["h2"] }, () => {
      resolve(Certificate.parse(socket.getPeerX509Certificate()?.raw ?? new Uint8Array()));
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

describe("the life of a server", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "mayfly-life-"));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it("keeps authorities, entries and nodes over a restart, and nobody else can read its files", async () => {
    const config = configIn(directory);
    const log: Record<string, unknown>[] = [];
    const first = await startServer(config, { logger: collect(log) });
    const admin = RpcChannel.open({ address: `unix://${first.adminSocket}` });
    const bundle = await admin.unary(bundleService.methods.GetBundle, {});
    const entries = [{ spiffe_id: idOf("/w"), parent_id: idOf("/n"), selectors: [{ type: "unix", value: "uid:1" }] }];
    await admin.unary(entryService.methods.BatchCreateEntry, { entries });
    admin.close();
    await first.stop();
    for (const name of await readdir(config.dataDir)) {
      expect((await stat(join(config.dataDir, name))).mode & 0o077, name).toBe(0);
    }
    expect(log.filter(({ event }) => event === "encryption_key_beside_what_it_protects")).toHaveLength(1);

    await using second = await startServer(config, { logger: collect(log) });
    using again = RpcChannel.open({ address: `unix://${second.adminSocket}` });
    expect(await again.unary(bundleService.methods.GetBundle, {})).toEqual(bundle);
    expect((await again.unary(entryService.methods.CountEntries, {})).count).toBe(1);
  });

  it("takes the key encryption key from a file, and does not start with a wrong one", async () => {
    const [good, wrong] = [join(directory, "kek"), join(directory, "other")];
    await writeFile(good, Buffer.alloc(32, 7), { mode: 0o600 });
    await writeFile(wrong, Buffer.alloc(32, 8), { mode: 0o600 });
    const log: Record<string, unknown>[] = [];
    const logger = collect(log);
    await (await startServer(configIn(directory, { key_encryption_key_file: good }), { logger })).stop();
    expect(log.filter(({ level }) => level === "warn")).toEqual([]);
    const start = startServer(configIn(directory, { key_encryption_key_file: wrong }), { logger });
    await expect(start).rejects.toMatchObject({ code: "KEY_ENCRYPTION_KEY_WRONG" });
    const loose = join(directory, "loose");
    await writeFile(loose, Buffer.alloc(32, 7), { mode: 0o644 });
    const open = startServer(configIn(directory, { key_encryption_key_file: loose }), { logger });
    await expect(open).rejects.toMatchObject({ code: "KEY_ENCRYPTION_KEY_INVALID" });
  });

  it("refuses a data directory of another trust domain, and a file where its socket belongs", async () => {
    const logger = collect([]);
    await (await startServer(configIn(directory), { logger, keys: "memory" })).stop();
    const other = startServer(configIn(directory, { trust_domain: "other.test" }), { logger, keys: "memory" });
    await expect(other).rejects.toMatchObject({ code: "DATA_DIR_MISMATCH" });
    await writeFile(join(directory, "in-the-way"), "");
    const blocked = startServer(configIn(directory, { server_socket: join(directory, "in-the-way") }), {
      logger,
      keys: "memory",
    });
    await expect(blocked).rejects.toMatchObject({ code: "SOCKET_PATH_UNSAFE" });
  });

  it("says which address it can't listen on, and leaves nothing open", async () => {
    await using first = await startServer(configIn(directory), { logger: collect([]), keys: "memory" });
    const taken = `127.0.0.1:${String(first.address.port)}`;
    const second = join(directory, "second");
    await mkdir(second);
    const values = { bind: taken, server_socket: join(second, "admin.sock"), data_dir: join(second, "state") };
    const start = startServer(configIn(second, values), { logger: collect([]), keys: "memory" });
    await expect(start).rejects.toMatchObject({ code: "LISTENER_FAILED", message: expect.stringContaining(taken) });
    // The folder is free again.
    await (await startServer(configIn(second), { logger: collect([]), keys: "memory" })).stop();
  });

  it("listens again when somebody deletes the admin socket", async () => {
    await using server = await startServer(configIn(directory), { logger: collect([]), keys: "memory" });
    await rm(server.adminSocket);
    const until = Date.now() + 5000;
    let count: number | undefined;
    while (count === undefined && Date.now() < until) {
      await sleep(100);
      using admin = RpcChannel.open({ address: `unix://${server.adminSocket}` });
      const answer = admin.unary(agentService.methods.CountAgents, {}, { timeoutMs: 500 });
      count = await answer.then(
        (response) => response.count,
        () => undefined,
      );
    }
    expect(count).toBe(0);
  });

  it("stops in under five seconds with open streams, idle connections and half a handshake", async () => {
    const under = await ServerUnderTest.start();
    const node = await under.agent();
    const agent = under.as(node);
    async function* open(): AsyncGenerator<object> {
      const nothing = setDigest(new Map());
      yield { open: { entries_digest: nothing, bundles_digest: nothing, seen_revision: "0", agent_version: "test" } };
      await new Promise(() => undefined);
    }
    const opened = Promise.withResolvers<void>();
    const stream = (async () => {
      for await (const _ of agent.bidi(mayflyAgentService.methods.Sync, open())) opened.resolve();
    })();
    const ended = stream.catch((error: { code: number }) => error.code);
    await opened.promise;
    const half = connect(under.server.address.port, "127.0.0.1");
    half.on("error", () => undefined);
    await sleep(50);
    const started = performance.now();
    await under.server.stop();
    expect(performance.now() - started).toBeLessThan(5000);
    expect(await ended).toBe(14);
    half.destroy();
    await under[Symbol.asyncDispose]();
  });

  it("renews its own SVID at half its life, and at once when its authority is tainted", async () => {
    await using under = await ServerUnderTest.start({ x509_svid_ttl: "8s" });
    const { port } = under.server.address;
    const first = await shownBy(port);
    expect(first.uris).toEqual([`spiffe://${trustDomain}/spire/server`]);
    let next = first;
    for (let waited = 0; next.fingerprint === first.fingerprint && waited < 100; waited++) {
      await sleep(100);
      next = await shownBy(port);
    }
    expect(next.fingerprint).not.toBe(first.fingerprint);
    expect(next.notAfter.getTime()).toBeGreaterThan(first.notAfter.getTime());

    const local = localAuthorityService.methods;
    const { active } = await under.admin.unary(local.GetX509AuthorityState, {});
    const { prepared_authority: prepared } = await under.admin.unary(local.PrepareX509Authority, {});
    await under.admin.unary(local.ActivateX509Authority, { authority_id: prepared?.authority_id ?? "" });
    await under.admin.unary(local.TaintX509Authority, { authority_id: active?.authority_id ?? "" });
    const until = Date.now() + 1000;
    while ((await shownBy(port)).authorityKeyId !== prepared?.authority_id && Date.now() < until) await sleep(20);
    expect((await shownBy(port)).authorityKeyId).toBe(prepared?.authority_id);
  });

  it("ends connections whose authority is revoked", async () => {
    await using under = await ServerUnderTest.start();
    const agent = under.as(await under.agent());
    await agent.unary(entryService.methods.GetAuthorizedEntries, {});
    const local = localAuthorityService.methods;
    const { active } = await under.admin.unary(local.GetX509AuthorityState, {});
    const { prepared_authority: prepared } = await under.admin.unary(local.PrepareX509Authority, {});
    await under.admin.unary(local.ActivateX509Authority, { authority_id: prepared?.authority_id ?? "" });
    const old = { authority_id: active?.authority_id ?? "" };
    await under.admin.unary(local.TaintX509Authority, old);
    await agent.unary(entryService.methods.GetAuthorizedEntries, {});
    await under.admin.unary(local.RevokeX509Authority, old);
    const call = agent.unary(entryService.methods.GetAuthorizedEntries, {}, { timeoutMs: 2000 });
    await expect(call).rejects.toMatchObject({ code: 14 });
  });

  it("rotates authorities by itself, ISS-D04: and no leaf outlives the one that signed it", async () => {
    await using under = await ServerUnderTest.start({ ca_ttl: "12s", x509_svid_ttl: "1h" });
    const state = (): Promise<{ active: { authority_id: string } | null }> =>
      under.admin.unary(localAuthorityService.methods.GetX509AuthorityState, {});
    const { active } = await state();
    const svid = Certificate.parse((await under.mint("/w")).chain[0] ?? new Uint8Array());
    const bundle = await under.admin.unary(bundleService.methods.GetBundle, {});
    const root = Certificate.parse(bundle.x509_authorities[0]?.asn1 ?? new Uint8Array());
    expect(svid.notAfter.getTime()).toBeLessThanOrEqual(root.notAfter.getTime());
    const { authorities } = await under.admin.unary(mayflyAdminService.methods.GetStatus, {});
    expect(authorities.find(({ kind, slot }) => kind === "x509" && slot === "active")).toMatchObject({
      next_step: "prepare",
    });
    const until = Date.now() + 15_000;
    while ((await state()).active?.authority_id === active?.authority_id && Date.now() < until) await sleep(250);
    expect((await state()).active?.authority_id).not.toBe(active?.authority_id);
    const after = Certificate.parse((await under.mint("/w")).chain[0] ?? new Uint8Array());
    expect(after.authorityKeyId).not.toBe(active?.authority_id);
  }, 60_000);

  it("serves agents and operators on an address that is given, and says where", async () => {
    await using under = await ServerUnderTest.start({ bind: "[::1]:0" });
    using channel = RpcChannel.open({
      address: `[::1]:${String(under.server.address.port)}`,
      tls: { verify: () => undefined },
    });
    expect((await channel.unary(bundleService.methods.GetBundle, {})).trust_domain).toBe(trustDomain);
    const { nodes } = await under.admin.unary(mayflyAdminService.methods.GetStatus, {});
    expect(nodes).toBe(0);
    expect((await under.admin.unary(agentService.methods.CountAgents, {})).count).toBe(0);
  });
});
