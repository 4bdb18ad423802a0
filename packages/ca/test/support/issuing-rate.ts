// SPDX-License-Identifier: Apache-2.0
// Prints how many X.509-SVIDs a second of CPU time signs, the whole path on a real store: `node --conditions=@mayfly/source <this file> [seconds]`.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryKeyStore, openSigningService, type X509Request } from "../../src/index.ts";
import { openDatastore } from "../../../datastore/src/index.ts";
import { newSpki } from "./test-service.ts";

const seconds = Number(process.argv[2] ?? "5");
const callers = 8;
const batch = 50;
const keys = Array.from({ length: 200 }, () => newSpki());
let asked = 0;

function nextRequest(): X509Request {
  asked++;
  return {
    spki: keys[asked % keys.length] ?? newSpki(),
    spiffeId: `spiffe://example.org/service/number-${String(asked % 1000)}`,
    dnsNames: [],
    ttlSeconds: 0,
    purpose: "workload",
    requester: "spiffe://example.org/spire/agent/join_token/0f3a",
    entryId: `entry-${String(asked)}`,
    entryRevision: 1,
  };
}

const folder = await mkdtemp(join(tmpdir(), "mayfly-rate-"));
const datastore = await openDatastore({ file: join(folder, "server.db"), trustDomain: "example.org" });
const service = await openSigningService({
  trustDomain: "example.org",
  store: datastore.authorities,
  log: datastore.issuanceLog,
  keys: new MemoryKeyStore(),
});

async function issueUntil(end: number): Promise<number> {
  let issued = 0;
  while (performance.now() < end) {
    const answers = await service.signer.issueX509(Array.from({ length: batch }, nextRequest));
    issued += answers.length;
  }
  return issued;
}

async function measure(ms: number): Promise<{ issued: number; cpu: number; thread: number; wall: number }> {
  const [begin, cpu, thread] = [performance.now(), process.cpuUsage(), process.threadCpuUsage()];
  const counts = await Promise.all(Array.from({ length: callers }, () => issueUntil(begin + ms)));
  const [used, own] = [process.cpuUsage(cpu), process.threadCpuUsage(thread)];
  return {
    issued: counts.reduce((sum, count) => sum + count, 0),
    cpu: (used.user + used.system) / 1e6,
    thread: (own.user + own.system) / 1e6,
    wall: (performance.now() - begin) / 1000,
  };
}

await measure(seconds * 200);
const { issued, cpu, thread, wall } = await measure(seconds * 1000);
console.log(
  `${issued} SVIDs: ${Math.round(issued / cpu)} per CPU second (all threads), ` +
    `${Math.round(issued / thread)} per CPU second of the signing thread, ${Math.round(issued / wall)} per second`,
);
await service[Symbol.asyncDispose]();
await datastore[Symbol.asyncDispose]();
await rm(folder, { recursive: true });
