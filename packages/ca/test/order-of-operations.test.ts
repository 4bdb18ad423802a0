// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { decodeIntentBatch } from "@mayfly/journal";
import { describe, expect, it } from "vitest";
import { type KeyStore, MemoryKeyStore, type SigningKey } from "../src/index.ts";
import { IntentRecorder } from "../src/issuing/intent-recorder.ts";
import { silentSigningLogger } from "../src/signing-logger.ts";
import { MemoryIssuanceLog } from "./support/memory-ports.ts";
import { issueOne, leafOf, openTestService, readIntents, refusalOf, requestFor } from "./support/test-service.ts";

/** Keys that tell when they sign. */
class WatchedKeyStore implements KeyStore {
  readonly #inner = new MemoryKeyStore();
  readonly #onSign: () => void;

  constructor(onSign: () => void) {
    this.#onSign = onSign;
  }

  async generate(name: string): Promise<SigningKey> {
    return this.#watched(await this.#inner.generate(name));
  }

  async open(name: string): Promise<SigningKey | undefined> {
    const key = await this.#inner.open(name);
    return key && this.#watched(key);
  }

  async delete(name: string): Promise<void> {
    await this.#inner.delete(name);
  }

  #watched(key: SigningKey): SigningKey {
    return {
      publicKey: key.publicKey,
      publicKeyObject: key.publicKeyObject,
      webCrypto: () => key.webCrypto(),
      sign: (data, encoding) => {
        this.#onSign();
        return key.sign(data, encoding);
      },
    };
  }
}

/** A log that tells when a row is durable, or fails. */
class WatchedLog extends MemoryIssuanceLog {
  failing = false;
  durable = 0;

  override async append(authorityId: string, batch: Uint8Array, count = 0): Promise<number> {
    if (this.failing) throw new Error("the disk is full");
    const index = await super.append(authorityId, batch);
    this.durable += count;
    return index;
  }
}

describe("the order of operations", () => {
  it("signs nothing before its intent is durable", async () => {
    const log = new WatchedLog();
    let signed = 0;
    const keys = new WatchedKeyStore(() => {
      signed++;
      expect(signed).toBeLessThanOrEqual(log.durable);
    });
    const { service } = await openTestService({ log, keys });
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => service.signer.issueX509([requestFor(`a${i}`), requestFor(`b${i}`)])),
    );
    await service.signer.issueJwt({
      spiffeId: "spiffe://example.org/a",
      audience: ["b"],
      ttlSeconds: 0,
      requester: "local",
    });
    expect(signed).toBe(41);
    expect(log.durable).toBe(41);
  });

  it("signs nothing when the log can't be written, and goes on when it can again", async () => {
    const log = new WatchedLog();
    let signed = 0;
    const keys = new WatchedKeyStore(() => signed++);
    const { service, alarms } = await openTestService({ log, keys });
    log.failing = true;
    expect(await refusalOf(() => service.signer.issueX509([requestFor("a")]))).toBe("SIGNER_LOG_UNAVAILABLE");
    const jwt = { spiffeId: "spiffe://example.org/a", audience: ["b"], ttlSeconds: 0, requester: "local" };
    expect(await refusalOf(() => service.signer.issueJwt(jwt))).toBe("SIGNER_LOG_UNAVAILABLE");
    expect(signed).toBe(0);
    expect(alarms).toEqual(["issuance_log_unavailable", "issuance_log_unavailable"]);
    log.failing = false;
    expect(await refusalOf(() => service.signer.issueX509([requestFor("a")]))).toBe("done");
  });

  it("refuses to sign what was never recorded, be it equal to something that was", async () => {
    const recorder = new IntentRecorder(new MemoryIssuanceLog(), silentSigningLogger);
    const { service, log } = await openTestService();
    const issued = await issueOne(service, requestFor("a"));
    const [intent] = await readIntents(log);
    if (intent === undefined) throw new TypeError("an intent was recorded");
    const intended = { tbs: leafOf(issued).tbs, intent };
    expect(await refusalOf(async () => recorder.assertRecorded(intended))).toBe("SIGNER_NOT_RECORDED");
    await recorder.record("a", [intended]);
    expect(await refusalOf(async () => recorder.assertRecorded(intended))).toBe("done");
    expect(await refusalOf(async () => recorder.assertRecorded({ ...intended }))).toBe("SIGNER_NOT_RECORDED");
  });

  it("writes one row for all that comes at once, and never more than 256 intents in one", async () => {
    const log = new MemoryIssuanceLog();
    const { service } = await openTestService({ log });
    await Promise.all(Array.from({ length: 30 }, (_, i) => service.signer.issueX509([requestFor(`a${i}`)])));
    const [rows] = log.rows.values();
    expect(rows?.length).toBeLessThan(10);
    const spki = requestFor("a").spki;
    await service.signer.issueX509(Array.from({ length: 1000 }, (_, i) => requestFor(`b${i}`, { spki })));
    expect(await readIntents(log)).toHaveLength(1030);
  });

  it("never mixes the intents of two authorities in one row", async () => {
    const log = new MemoryIssuanceLog();
    const recorder = new IntentRecorder(log, silentSigningLogger);
    const { service, log: other } = await openTestService();
    await service.signer.issueX509([requestFor("a"), requestFor("b"), requestFor("c")]);
    const intended = (await readIntents(other)).map((intent) => ({ tbs: new Uint8Array(), intent }));
    await Promise.all(intended.map((each, index) => recorder.record(index === 1 ? "one" : "two", [each])));
    const names = async (authority: string): Promise<string[][]> =>
      (await log.read(authority, 0, 9)).map(({ batch }) =>
        decodeIntentBatch(batch).map(({ spiffeId }) => spiffeId.slice(-1)),
      );
    expect([await names("one"), await names("two")]).toEqual([[["b"]], [["a", "c"]]]);
  });

  it("records what is signed: serial, name, time, hash of what is signed, who and why", async () => {
    const { service, log } = await openTestService();
    const request = requestFor("a", {
      requester: "spiffe://example.org/spire/agent/x",
      entryId: "e1",
      entryRevision: 7,
    });
    const issued = await issueOne(service, request);
    expect(await readIntents(log)).toEqual([
      {
        kind: "x509",
        serialNumber: BigInt(issued.serialNumber).toString(16),
        spiffeId: "spiffe://example.org/a",
        notBefore: issued.notBefore.getTime() / 1000,
        notAfter: issued.notAfter.getTime() / 1000,
        tbsHash: new Uint8Array(createHash("sha256").update(leafOf(issued).tbs).digest()),
        requester: "spiffe://example.org/spire/agent/x",
        entryId: "e1",
        entryRevision: 7,
      },
    ]);
  });
});
