// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JwtBundle, SpiffeBundle, TrustDomain } from "@mayfly/spiffe";
import { Certificate, toPem } from "@mayfly/x509";
import { expectCode, TestCa, type TestIdentity } from "@mayfly/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SourceError } from "../src/errors.ts";
import { BundleSource } from "../src/sources/bundle-source.ts";
import { X509Source } from "../src/sources/x509-source.ts";

const own = TestCa.create();
const other = TestCa.create({ trustDomain: "other.test" });
const [ownDomain, otherDomain] = [TrustDomain.parse("example.org"), TrustDomain.parse("other.test")];
const pollMs = 20;

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "svid-"))));
afterEach(() => rmSync(dir, { recursive: true }));

function pem(chain: readonly Uint8Array[]): string {
  return chain.map((der) => toPem("CERTIFICATE", der)).join("");
}

function write(where: string, path: string, identity: TestIdentity = own.issue(path)): void {
  writeFileSync(join(where, "svid.0.pem"), pem(identity.chain));
  writeFileSync(join(where, "svid.0.key"), identity.privateKey.export({ format: "pem", type: "pkcs8" }));
  writeFileSync(join(where, "bundle.0.pem"), pem([own.certificate]));
}

/** The files of a folder as the programs that fetch SVIDs name them. */
function files(where = dir): { certificate: string; privateKey: string; bundle: string; pollMs: number } {
  const at = (name: string): string => join(where, name);
  return { certificate: at("svid.0.pem"), privateKey: at("svid.0.key"), bundle: at("bundle.0.pem"), pollMs };
}

describe("X509Source.fromFiles", () => {
  it("reads an SVID, its bundle, federated bundles and revocation lists", async () => {
    write(dir, "/web", own.intermediate().issue("/web"));
    writeFileSync(join(dir, "other.pem"), pem([other.certificate]));
    writeFileSync(join(dir, "list.pem"), toPem("X509 CRL", own.revocationList([])));
    writeFileSync(join(dir, "list.der"), own.revocationList([]));
    await using source = await X509Source.fromFiles({
      ...files(),
      federated: { "other.test": join(dir, "other.pem") },
      revocationLists: [join(dir, "list.pem"), join(dir, "list.der")],
    });
    expect(source.svid.id.toString()).toBe("spiffe://example.org/web");
    expect(source.svid.chain).toHaveLength(2);
    expect(source.get(ownDomain)?.authorities.map(({ der }) => Buffer.from(der))).toEqual([
      Buffer.from(own.certificate),
    ]);
    expect(source.get(otherDomain)?.authorities).toHaveLength(1);
    expect(source.revocations.size).toBe(2);
    expect(source.health).toMatchObject({ state: "connected", expiresAt: source.svid.notAfter });
  });

  it("reads the document of a SPIFFE bundle, a key in any form, and all in one file", async () => {
    const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { chain } = own.issue("/web", { keys });
    const all = join(dir, "all.pem");
    writeFileSync(all, pem(chain) + keys.privateKey.export({ format: "pem", type: "sec1" }));
    const bundle = new SpiffeBundle({
      trustDomain: ownDomain,
      x509Authorities: [Certificate.parse(own.certificate)],
      jwtAuthorities: [],
    });
    writeFileSync(join(dir, "bundle.json"), bundle.toJson());
    await using source = await X509Source.fromFiles({
      certificate: all,
      privateKey: all,
      bundle: join(dir, "bundle.json"),
    });
    expect(source.svid.id.path).toBe("/web");
    expect(source.get(ownDomain)?.authorities).toHaveLength(1);
  });

  it.each<[string, string, () => void]>([
    ["a missing file", "FILE_UNREADABLE", () => rmSync(join(dir, "svid.0.key"))],
    ["a folder", "FILE_UNREADABLE", () => (rmSync(join(dir, "svid.0.key")), mkdirSync(join(dir, "svid.0.key")))],
    [
      "a pipe",
      "FILE_UNREADABLE",
      () => (rmSync(join(dir, "svid.0.key")), execFileSync("sh", ["-c", 'mkfifo "$1"', "sh", join(dir, "svid.0.key")])),
    ],
    ["a huge file", "FILE_TOO_LARGE", () => truncateSync(join(dir, "bundle.0.pem"), 4_194_305)],
    ["no certificate", "FILE_INVALID", () => writeFileSync(join(dir, "svid.0.pem"), "")],
    ["no bundle", "FILE_INVALID", () => writeFileSync(join(dir, "bundle.0.pem"), "")],
    ["half a certificate", "FILE_INVALID", () => truncateSync(join(dir, "svid.0.pem"), 300)],
    ["half a key", "FILE_INVALID", () => truncateSync(join(dir, "svid.0.key"), 100)],
    [
      "another's key",
      "FILE_INVALID",
      () => writeFileSync(join(dir, "svid.0.key"), own.issue("/x").privateKey.export({ format: "pem", type: "pkcs8" })),
    ],
    [
      "an encrypted key",
      "FILE_INVALID",
      () =>
        writeFileSync(
          join(dir, "svid.0.key"),
          own.issue("/x").privateKey.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "x" }),
        ),
    ],
    ["a CA for a leaf", "FILE_INVALID", () => writeFileSync(join(dir, "svid.0.pem"), pem([own.certificate]))],
    ["JSON that is no bundle", "FILE_INVALID", () => writeFileSync(join(dir, "bundle.0.pem"), "{}")],
  ])("refuses %s at the start", async (_what, code, spoil) => {
    write(dir, "/web");
    spoil();
    await expectCode(X509Source.fromFiles(files()), code);
  });

  it("says nothing of a private key", async () => {
    write(dir, "/web");
    const key = own.issue("/x").privateKey.export({ format: "pem", type: "pkcs8" });
    writeFileSync(join(dir, "svid.0.key"), key.replace("MIGH", "MIGA"));
    const error = await expectCode(X509Source.fromFiles(files()), "FILE_INVALID");
    expect(error.cause).toBeUndefined();
    for (const line of key.split("\n").slice(1, 3)) expect(String(error.stack)).not.toContain(line);
  });

  it("refuses names that are none, the own name for a foreign one, and an aborted signal", async () => {
    write(dir, "/web");
    const { bundle } = files();
    await expectCode(
      X509Source.fromFiles({ ...files(), federated: { "Not a name": bundle } }),
      "BAD_TRUST_DOMAIN_CHAR",
    );
    await expectCode(X509Source.fromFiles({ ...files(), federated: { "example.org": bundle } }), "FILE_INVALID");
    const reason = new Error("stop");
    await expect(X509Source.fromFiles({ ...files(), signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("takes files that are replaced by rename", async () => {
    write(dir, "/1");
    await using source = await X509Source.fromFiles(files());
    const updates = source.updates()[Symbol.asyncIterator]();
    await updates.next();
    const fresh = mkdtempSync(join(dir, "new-"));
    write(fresh, "/2");
    // Not at once: what does not fit together yet is not taken.
    renameSync(join(fresh, "svid.0.key"), join(dir, "svid.0.key"));
    await expect.poll(() => source.health.state).toBe("reconnecting");
    expect(source.svid.id.path).toBe("/1");
    renameSync(join(fresh, "svid.0.pem"), join(dir, "svid.0.pem"));
    expect((await updates.next()).value?.svids[0]?.id.path).toBe("/2");
    expect(source.health.state).toBe("connected");
  });

  it("takes a folder whose symbolic link is swapped", async () => {
    const swap = (name: string): void => {
      mkdirSync(join(dir, name));
      write(join(dir, name), `/${name}`);
      symlinkSync(name, join(dir, "next"));
      renameSync(join(dir, "next"), join(dir, "data"));
    };
    swap("1");
    await using source = await X509Source.fromFiles(files(join(dir, "data")));
    expect(source.svid.id.path).toBe("/1");
    swap("2");
    rmSync(join(dir, "1"), { recursive: true });
    await expect.poll(() => source.svid.id.path).toBe("/2");
  });

  it("reports files that can't be used once, keeps what was there, and goes on when they can", async () => {
    write(dir, "/1");
    const errors: SourceError[] = [];
    await using source = await X509Source.fromFiles({ ...files(), onError: (error) => void errors.push(error) });
    const { svid, bundles } = source;
    const fresh = pem(own.issue("/2").chain);
    writeFileSync(join(dir, "svid.0.pem"), fresh.slice(0, 500));
    await expect.poll(() => errors.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5 * pollMs));
    expect(errors.map(({ code }) => code)).toEqual(["FILE_INVALID"]);
    expect(source.svid).toBe(svid);
    expect(source.health).toMatchObject({ state: "reconnecting", lastError: errors[0] });
    rmSync(join(dir, "svid.0.pem"));
    await expect.poll(() => errors.length).toBe(2);
    expect(errors[1]?.code).toBe("FILE_UNREADABLE");
    // What was there before comes back: nothing changed.
    writeFileSync(join(dir, "svid.0.pem"), svid.toPem());
    await expect.poll(() => source.health.state).toBe("connected");
    expect(source.svid).toBe(svid);
    write(dir, "/3");
    await expect.poll(() => source.svid.id.path).toBe("/3");
    expect(source.bundles).toBe(bundles);
  });

  it("does not take a bundle that is being written, though each half is one", async () => {
    write(dir, "/1");
    await using source = await X509Source.fromFiles(files());
    const sizes: (number | undefined)[] = [];
    const reading = (async () => {
      for await (const { bundles } of source.updates()) sizes.push(bundles.get(ownDomain)?.authorities.length);
    })();
    for (let count = 2; count <= 8; count++) {
      writeFileSync(join(dir, "bundle.0.pem"), pem(Array.from({ length: count }, () => TestCa.create().certificate)));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await expect.poll(() => sizes.at(-1)).toBe(8);
    await source[Symbol.asyncDispose]();
    await reading;
    expect(sizes).toEqual([1, 8]);
  });

  it("keeps no process running", () => {
    write(dir, "/1");
    const program = `
      const { X509Source } = await import(${JSON.stringify(new URL("../src/sources/x509-source.ts", import.meta.url).href)});
      const source = await X509Source.fromFiles(${JSON.stringify(files())});
      console.log(source.svid.id.path);`;
    const run = ["--conditions=@mayfly/source", "--input-type=module", "--eval", program];
    expect(execFileSync(process.execPath, run, { encoding: "utf8", timeout: 10_000 })).toBe("/1\n");
  });
});

describe("BundleSource.fromFiles", () => {
  it("reads PEM and SPIFFE bundles, and follows them", async () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const [first, second] = [join(dir, "own.json"), join(dir, "other.pem")];
    const bundle = new SpiffeBundle({
      trustDomain: ownDomain,
      x509Authorities: [Certificate.parse(own.certificate)],
      jwtAuthorities: [{ keyId: "k", publicKey }],
    });
    writeFileSync(first, bundle.toJson());
    writeFileSync(second, pem([other.certificate]));
    const bundles = { "example.org": first, "other.test": second };
    await using source = await BundleSource.fromFiles({ bundles, pollMs });
    expect([source.x509.size, source.jwt.size]).toEqual([2, 1]);
    expect(source.jwt.get(ownDomain)).toBeInstanceOf(JwtBundle);
    expect(source.health.state).toBe("connected");
    const { x509 } = source;
    writeFileSync(second, pem([other.certificate, TestCa.create().certificate]));
    await expect.poll(() => source.x509.get(otherDomain)?.authorities.length).toBe(2);
    expect(source.x509.get(ownDomain)).toBe(x509.get(ownDomain));
    writeFileSync(first, "{");
    await expect.poll(() => source.health.state).toBe("reconnecting");
    expect(source.x509.size).toBe(2);
    await source[Symbol.asyncDispose]();
    await expectCode(() => source.x509, "CLOSED");
  });

  it("refuses what can't be used at the start", async () => {
    await expectCode(BundleSource.fromFiles({ bundles: { "example.org": join(dir, "none") } }), "FILE_UNREADABLE");
  });
});
