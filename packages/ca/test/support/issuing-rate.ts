// SPDX-License-Identifier: Apache-2.0
// Prints how many X.509-SVIDs a second of CPU time signs, the whole path: `node --conditions=@mayfly/source <this file> [seconds]`.
import { generateKeyPairSync } from "node:crypto";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { MemoryKeyStore, openSigningService, type X509Request } from "../../src/index.ts";
import { MemoryAuthorityStore, MemoryIssuanceLog } from "./memory-ports.ts";

const seconds = Number(process.argv[2] ?? "5");
const callers = 8;
const batch = 50;

const keys = Array.from({ length: 200 }, () =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "der", type: "spki" }),
);
let count = 0;

function nextRequest(): X509Request {
  count++;
  return {
    spki: keys[count % keys.length] ?? new Uint8Array(),
    spiffeId: `spiffe://example.org/service/number-${String(count % 1000)}`,
    dnsNames: [],
    ttlSeconds: 0,
    purpose: "workload",
    requester: "spiffe://example.org/spire/agent/join_token/0f3a",
    entryId: `entry-${String(count)}`,
    entryRevision: 1,
  };
}

const service = await openSigningService({
  trustDomain: "example.org",
  store: new MemoryAuthorityStore(),
  log: new MemoryIssuanceLog(),
  keys: new MemoryKeyStore(),
});
let issued = 0;
const end = performance.now() + seconds * 1000;
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const before = process.cpuUsage();
const begin = performance.now();
await Promise.all(
  Array.from({ length: callers }, async () => {
    while (performance.now() < end) {
      const answers = await service.signer.issueX509(Array.from({ length: batch }, nextRequest));
      issued += answers.length;
    }
  }),
);
const { user, system } = process.cpuUsage(before);
const wall = (performance.now() - begin) / 1000;
const cpu = (user + system) / 1_000_000;
console.log(
  `${issued} SVIDs: ${Math.round(issued / cpu)} per CPU second, ${Math.round(issued / wall)} per second; ` +
    `event loop delay p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, max ${(delay.max / 1e6).toFixed(1)} ms`,
);
await service[Symbol.asyncDispose]();
