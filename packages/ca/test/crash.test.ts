// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Certificate } from "@mayfly/x509";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DiskKeyStore, openSigningService } from "../src/index.ts";
import { type Datastore, openDatastore } from "../../datastore/src/index.ts";
import { type CrashPoint, crashPoints } from "./support/crash-points.ts";
import { issueOne, leafOf, readIntents, requestFor } from "./support/test-service.ts";

const child = fileURLToPath(new URL("./support/crash-child.ts", import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mayfly-crash-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function runUntilKilled(point: CrashPoint, occurrence: number): Promise<void> {
  const running = spawn(process.execPath, [child, folder, point, String(occurrence)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [, signal] = (await once(running, "exit")) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
}

function linesOf(name: string): string[] {
  const path = join(folder, name);
  return existsSync(path)
    ? readFileSync(path, "utf8")
        .trimEnd()
        .split("\n")
        .filter((line) => line !== "")
    : [];
}

function hashOf(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Nothing that was signed, and nothing that anybody holds, is missing in the log. */
async function expectAllRecorded(datastore: Datastore): Promise<void> {
  const intents = await readIntents(datastore.issuanceLog);
  const recorded = new Set(intents.map(({ tbsHash }) => Buffer.from(tbsHash).toString("hex")));
  const held = linesOf("held").map((hex) => Certificate.parse(Buffer.from(hex, "hex")));
  const signed = [
    ...linesOf("signed").map((hex) => hashOf(Buffer.from(hex, "hex"))),
    ...held.map(({ tbs }) => hashOf(tbs)),
    ...linesOf("tokens").map((token) => hashOf(token.slice(0, token.lastIndexOf(".")))),
  ];
  expect(signed.filter((hash) => !recorded.has(hash))).toEqual([]);
  const serials = intents.map(({ serialNumber }) => serialNumber);
  expect(new Set(serials).size).toBe(serials.length);
  for (const { serialNumber } of held) expect(serials).toContain(serialNumber.toString(16));
}

async function expectWorksAgain(datastore: Datastore): Promise<void> {
  const keys = await DiskKeyStore.open({ folder: join(folder, "keys"), keyEncryptionKey: Buffer.alloc(32, 7) });
  const { authorities: store, issuanceLog: log } = datastore;
  await using service = await openSigningService({ trustDomain: "example.org", store, log, keys });
  const leaf = leafOf(await issueOne(service, requestFor("after")));
  const bundle = await datastore.bundles.get("example.org");
  const authorities = (bundle?.x509Authorities ?? []).map(({ der }) => Certificate.parse(der));
  expect(authorities.some((authority) => leaf.isSignedBy(authority))).toBe(true);
  for (const kind of ["x509", "jwt"] as const) {
    const { records } = await store.list(kind);
    expect(records.filter(({ slot }) => slot === "active")).toHaveLength(1);
  }
}

const atStart: readonly CrashPoint[] = ["before-key", "after-key", "before-authority", "after-authority"];

describe("a server that is killed", () => {
  it.each(crashPoints)("ISS-D02 at %s leaves no certificate outside the log, and works again", async (point) => {
    await runUntilKilled(point, atStart.includes(point) ? 2 : 25);
    await using datastore = await openDatastore({ file: join(folder, "server.db"), trustDomain: "example.org" });
    await expectAllRecorded(datastore);
    if (!atStart.includes(point)) expect(linesOf("held").length).toBeGreaterThan(0);
    await expectWorksAgain(datastore);
  });
});
