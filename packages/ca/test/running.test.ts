// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TrustDomain, verifyPeer, X509Bundle } from "@mayfly/spiffe";
import { Certificate } from "@mayfly/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DiskKeyStore, openSigningService, type SigningService, systemSigningClock } from "../src/index.ts";
import { openDatastore } from "../../datastore/src/index.ts";
import { issueOne, requestFor } from "./support/test-service.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mayfly-running-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("a running signing service", () => {
  it("renews authorities of three seconds on the real store and clock while it signs, without a gap", async () => {
    await using datastore = await openDatastore({ file: join(folder, "server.db"), trustDomain: "example.org" });
    const { authorities: store, issuanceLog: log } = datastore;
    const keys = await DiskKeyStore.open({ folder: join(folder, "keys"), keyEncryptionKey: Buffer.alloc(32, 7) });
    await using service = await openSigningService({
      trustDomain: "example.org",
      store,
      log,
      keys,
      clock: systemSigningClock,
      ttls: { authoritySeconds: 3 },
    });
    const controller = new AbortController();
    const running = service.run(controller.signal);
    const signers = new Set<string>();
    const end = Date.now() + 7000;
    while (Date.now() < end) {
      const issued = await issueOne(service, requestFor("a"));
      signers.add(issued.authorityId);
      const stored = await datastore.bundles.get("example.org");
      const roots = (stored?.x509Authorities ?? []).map(({ der }) => Certificate.parse(der));
      const bundle = new X509Bundle(TrustDomain.parse("example.org"), roots);
      verifyPeer(issued.chain, { get: () => bundle }, { now: new Date() });
      expect(service.problem()).toBeUndefined();
      await sleep(50);
    }
    controller.abort();
    await running;
    expect(signers.size).toBeGreaterThanOrEqual(3);
    expect(await log.authorities()).toEqual(expect.arrayContaining([...signers]));
  });

  it("does not start under the wrong key-encryption key, and leaves everything as it was", async () => {
    await using datastore = await openDatastore({ file: ":memory:", trustDomain: "example.org" });
    const { authorities: store, issuanceLog: log } = datastore;
    const open = async (fill: number): Promise<SigningService> => {
      const keyEncryptionKey = Buffer.alloc(32, fill);
      const keys = await DiskKeyStore.open({ folder: join(folder, "wrong-key"), keyEncryptionKey });
      return openSigningService({ trustDomain: "example.org", store, log, keys });
    };
    const first = (await open(1)).authorities.active("x509")?.record.id;
    await expect(open(2)).rejects.toThrow(expect.objectContaining({ code: "KEY_ENCRYPTION_KEY_WRONG" }));
    const bundle = await datastore.bundles.get("example.org");
    expect(bundle?.x509Authorities).toHaveLength(1);
    expect((await open(1)).authorities.active("x509")?.record.id).toBe(first);
  });

  it("stops at once when it is told to", async () => {
    await using datastore = await openDatastore({ file: ":memory:", trustDomain: "example.org" });
    const keys = await DiskKeyStore.open({ folder: join(folder, "more-keys"), keyEncryptionKey: Buffer.alloc(32, 7) });
    const { authorities: store, issuanceLog: log } = datastore;
    await using service = await openSigningService({ trustDomain: "example.org", store, log, keys });
    const controller = new AbortController();
    const running = service.run(controller.signal);
    await sleep(20);
    controller.abort();
    await running;
  });
});
