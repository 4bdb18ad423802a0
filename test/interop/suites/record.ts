// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNoteSigner, type LogRecord } from "@mayfly/journal";
import { unsealKey } from "../../../packages/ca/src/index.ts";
import { DemoWorld } from "../../demo/world/demo-world.ts";
import { damages } from "../record/damages.ts";
import { checkLog, checkReceipt, checkSignatures, type Exhibit, type Verdict, verifyLog } from "../record/judges.ts";
import { lies } from "../record/lies.ts";
import { readEntries, readRecords, signedAnew, signedSize, withEntries } from "../record/log-files.ts";
import { type Happened, happen } from "../record/scenario.ts";
import { expect, type Suite } from "../suite.ts";

const origin = "example.org/mayfly-record";

/** A record that was exported, and where the next copies go. */
interface Exported extends Exhibit {
  readonly folder: string;
}

function expectSound(verdict: Verdict): void {
  expect(verdict.sound, JSON.stringify(verdict));
}

/** Both judges name it, at the same entry. */
function expectBoth(exhibit: Exhibit, code: string, at: number | null): void {
  for (const [who, judge] of [
    ["the checker", checkLog],
    ["mayfly log verify", verifyLog],
  ] as const) {
    const [first] = judge(exhibit).problems;
    const isNamed = first?.code === code && (first.index ?? null) === at;
    expect(isNamed, `${who}: ${JSON.stringify(first)} instead of ${code} at ${String(at)}`);
  }
}

/** The key that the server signs its record with, as whoever stole its files and the key-encryption key has it. */
function stolenKey(world: DemoWorld): KeyObject {
  const file = readFileSync(join(world.server.dataDir, "record.key"));
  const pkcs8 = Buffer.from(unsealKey("record", file, Buffer.alloc(32, 7)));
  return createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
}

async function exportRecord(world: DemoWorld, directory: string): Promise<string> {
  return (await world.json<{ vkey: string }>("log", "export", directory)).vkey;
}

/** Good signatures, changed ones, and one that is good but for its form: S + L in place of S (RFC 8032 §5.1.7). */
function judgeSignatures(): void {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const cases = Array.from({ length: 40 }, (_, number) => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const message = randomBytes(number * 7);
    const good = sign(null, message, privateKey);
    const scalar = BigInt(`0x${Buffer.from(good.subarray(32)).reverse().toString("hex")}`) + order;
    const twin = Buffer.from(scalar.toString(16).padStart(64, "0"), "hex").reverse();
    const signatures = [good, good.with(number, (good[number] ?? 0) ^ 8), Buffer.concat([good.subarray(0, 32), twin])];
    const signature = Buffer.from(signatures[number % 3] ?? good);
    return { key: publicKey.export({ format: "der", type: "spki" }).subarray(-32), message, signature, publicKey };
  });
  const expected = cases.map(({ publicKey, message, signature }) => verify(null, message, publicKey, signature));
  expect(expected.includes(true) && expected.includes(false), "nothing to compare");
  const found = checkSignatures(cases.map(({ key, message, signature }) => [key, message, signature]));
  expect(
    JSON.stringify(found) === JSON.stringify(expected),
    `${JSON.stringify(found)} for ${JSON.stringify(expected)}`,
  );
}

/** What really happened is judged sound, by files and by receipts. */
async function judgeTruth(suite: Suite, world: DemoWorld, exported: Exported & Happened): Promise<void> {
  const { directory, folder, vkey, approval, made, task } = exported;
  await suite.check("the record of real tasks, calls, approvals and leases is sound to both judges", () => {
    expectSound(checkLog(exported));
    expectSound(verifyLog(exported));
  });
  const records = readRecords(directory);
  const calls = records.filter(({ kind, phase, task: of }) => kind === "call" && phase === "intent" && of === task.id);
  await suite.check(`every call that the agent was told of is there, also those around the crash (${made})`, () => {
    const results = calls.map(({ id }) => records.find((each) => each.id === id && each.phase === "outcome")?.body);
    // Of a call whose outcome the gateway could not tell before the task was over nobody knows; it was made all the same.
    const told = results.filter((body) => body?.["result"] === "done" || body?.["result"] === "unknown").length;
    // A query and two refunds before.
    expect(told >= made + 3, `${String(told)} of ${String(made + 3)}: ${JSON.stringify(results)}`);
  });
  await suite.check("receipts of a decision, an approval, a lease and an end are proven offline", async () => {
    const ids = ["decision", "approval", "lease", "quiet"].map(
      (kind) => records.find((each) => each.kind === kind)?.id,
    );
    const call = calls.find((each) => each.approval === approval)?.id;
    for (const id of [...ids, call]) await judgeReceipt(world, { folder, vkey, id: id ?? "", records });
  });
}

async function judgeReceipt(
  world: DemoWorld,
  what: { readonly folder: string; readonly vkey: string; readonly id: string; readonly records: readonly LogRecord[] },
): Promise<void> {
  const { folder, vkey, id, records } = what;
  const file = join(folder, "receipt");
  await world.json("log", "prove", id, "--write", file);
  const { sound, record, index = -1 } = checkReceipt(file, vkey);
  expect(sound && record?.["id"] === id && records[index]?.id === id, `the receipt of ${id} proves another`);
  const text = readFileSync(file, "utf8");
  const [, path = ""] = /\nindex \d+\n([A-Za-z0-9+/=]{44})\n/.exec(text) ?? [];
  for (const changed of [
    text.replace(/\nindex \d+\n/, `\nindex ${String(index === 0 ? 1 : 0)}\n`),
    text.replace(path, Buffer.alloc(32, 1).toString("base64")),
    text.replace(/\nextra (.)/, (line, first: string) => line.replace(first, first === "e" ? "f" : "e")),
    text.replace(/\n\n(\S+)\n(\d+)\n/, (_, name: string, size: string) => `\n\n${name}\n${String(Number(size) + 1)}\n`),
  ]) {
    expect(changed !== text, "nothing was changed");
    writeFileSync(file, changed);
    expect(!checkReceipt(file, vkey).sound, `a changed receipt of ${id} is believed`);
  }
}

/** Whoever has the files but not the key. */
async function damage(suite: Suite, exported: Exported): Promise<void> {
  const { directory, folder, vkey } = exported;
  const entries = readEntries(directory);
  const last = entries.length - 1;
  for (const { id, what, code, at, entries: damaged } of damages(entries, [0, Math.floor(last / 2), last])) {
    await suite.check(`${id}: ${what}: ${code}`, () => {
      const copy = withEntries(directory, join(folder, "damaged"), damaged);
      expectBoth({ directory: copy, vkey }, code, at);
      rmSync(copy, { recursive: true });
    });
  }
  const stranger = createNoteSigner(origin, generateKeyPairSync("ed25519").privateKey);
  const forged = await signedAnew(readRecords(directory).slice(1), join(folder, "forged"), stranger);
  await suite.check("AUD-D11: rewritten under an attacker's key, which lies beside it: KEY_UNKNOWN", () => {
    writeFileSync(join(forged, "vkey"), `${stranger.key.toString()}\n`);
    expectBoth({ directory: forged, vkey }, "KEY_UNKNOWN", null);
  });
  await suite.check("AUD-D04: rewritten, with the true signature under it: SIGNATURE_INVALID", () => {
    const [, signature = ""] = readFileSync(join(directory, "checkpoint"), "utf8").split("\n\n");
    const [text = ""] = readFileSync(join(forged, "checkpoint"), "utf8").split("\n\n");
    writeFileSync(join(forged, "checkpoint"), `${text}\n\n${signature}`);
    expectBoth({ directory: forged, vkey }, "SIGNATURE_INVALID", null);
  });
}

/** Whoever has the key, against a checkpoint that was kept elsewhere; and what no signature can hide. */
async function forge(suite: Suite, exported: Exported, key: KeyObject): Promise<void> {
  const { directory, folder, vkey } = exported;
  const signer = createNoteSigner(origin, key);
  const records = readRecords(directory);
  const trusted = join(directory, "checkpoint");
  await suite.check("AUD-D05: written anew with the log's own key, one record changed: FORKED", async () => {
    const changed = records.map((record, at) => (at === 3 ? { ...record, actor: "somebody else" } : record));
    const fork = await signedAnew(changed, join(folder, "fork"), signer);
    expectBoth({ directory: fork, vkey, trusted }, "FORKED", null);
  });
  for (const { what, code, records: told } of lies(records)) {
    await suite.check(`with the log's own key: ${what}: ${code}`, async () => {
      const lie = await signedAnew(told, join(folder, "lie"), signer);
      const codes = checkLog({ directory: lie, vkey }).problems.map((each) => each.code);
      expect(codes.includes(code), `the checker says ${codes.join(", ") || "nothing"}`);
    });
  }
}

/** The server's whole state goes back to an older one: store, record and signatures agree with each other. */
async function rollBack(suite: Suite, world: DemoWorld, exported: Exported): Promise<void> {
  const { folder, vkey, directory } = exported;
  const [data, snapshot] = [world.server.dataDir, join(folder, "snapshot")];
  await world.server.crash();
  cpSync(data, snapshot, { recursive: true });
  await world.server.boot();
  await world.startTask();
  const newer = join(folder, "newer");
  await exportRecord(world, newer);
  await suite.check("what goes on continues the checkpoint that was kept", () => {
    expect(signedSize(newer) > signedSize(directory), "nothing was recorded");
    const exhibit = { directory: newer, vkey, trusted: join(directory, "checkpoint") };
    expectSound(checkLog(exhibit));
    expectSound(verifyLog(exhibit));
  });
  await world.server.crash();
  rmSync(data, { recursive: true });
  cpSync(snapshot, data, { recursive: true });
  await world.server.boot();
  const older = join(folder, "older");
  await exportRecord(world, older);
  await suite.check("AUD-D05: the server's whole directory is rolled back: ROLLED_BACK", () => {
    expect(signedSize(older) < signedSize(newer), "it was not rolled back");
    expectSound(verifyLog({ directory: older, vkey }));
    expectBoth({ directory: older, vkey, trusted: join(newer, "checkpoint") }, "ROLLED_BACK", signedSize(older));
  });
  while (signedSize(older) <= signedSize(newer)) {
    await world.startTask({ ttl: "9m" });
    await exportRecord(world, older);
  }
  await suite.check("AUD-D05: rolled back and gone on longer than before: FORKED", () => {
    expectBoth({ directory: older, vkey, trusted: join(newer, "checkpoint") }, "FORKED", null);
  });
}

/** The record of the real system, judged by a checker that shares no code with us: as it is, and damaged in every way. */
export async function record(suite: Suite): Promise<void> {
  await using world = await DemoWorld.start();
  const folder = mkdtempSync(join(tmpdir(), "mayfly-record-"));
  try {
    await suite.check("the checker's own Ed25519 finds what OpenSSL finds", judgeSignatures);
    const happened = await happen(world);
    const directory = join(folder, "record");
    const exported = { ...happened, directory, folder, vkey: await exportRecord(world, directory) };
    await judgeTruth(suite, world, exported);
    await damage(suite, exported);
    await forge(suite, exported, stolenKey(world));
    await rollBack(suite, world, exported);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
