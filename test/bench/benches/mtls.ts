// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { connect, createSecureContext, createServer } from "node:tls";
import { BundleSet, TrustDomain, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { anyPeer, connectTls, createTlsServer, X509Source } from "@mayfly/spiffe-client";
import { TestCa } from "@mayfly/testkit";
import { Certificate, toPem } from "@mayfly/x509";
import type { Report } from "../measure.ts";

const handshakes = 600;
const rounds = 9;
const inFlight = 8;

/** One way to shake hands with client certificates; both ends are in this process. */
interface Way {
  readonly server: Server;
  connect(port: number): Promise<{ destroy(): unknown }>;
}

const host = "127.0.0.1";

/** What plain node:tls offers: OpenSSL verifies each end by the CA, full handshakes only. */
function plain(ca: TestCa): Way {
  const { chain, privateKey } = ca.issue("/bench");
  const options = {
    cert: chain.map((der) => toPem("CERTIFICATE", der)).join(""),
    key: privateKey.export({ format: "pem", type: "pkcs8" }),
    ca: toPem("CERTIFICATE", ca.certificate),
  };
  const server = createServer({ ...options, requestCert: true, rejectUnauthorized: true }, (socket) => socket.resume());
  const secureContext = createSecureContext(options);
  return {
    server,
    connect: async (port) => {
      const socket = connect({ secureContext, host, port, checkServerIdentity: () => undefined });
      await once(socket, "secureConnect");
      return socket;
    },
  };
}

function verified(ca: TestCa): Way {
  const { chain, privateKey } = ca.issue("/bench");
  const svid = X509Svid.of(
    chain.map((der) => Certificate.parse(der)),
    privateKey,
  );
  const bundle = new X509Bundle(TrustDomain.parse(ca.trustDomain), [Certificate.parse(ca.certificate)]);
  const source = X509Source.of({ svids: [svid], bundles: BundleSet.of(bundle), crls: [] });
  const policy = { source, authorize: anyPeer() };
  const server = createTlsServer(policy, (socket) => socket.resume());
  return { server, connect: (port) => connectTls({ ...policy, host, port }) };
}

async function shakeHands(way: Way): Promise<{ wall: number; cpu: number }> {
  const { port } = way.server.address() as AddressInfo;
  const cpu = process.cpuUsage();
  const started = performance.now();
  let left = handshakes;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) (await way.connect(port)).destroy();
    }),
  );
  const { user, system } = process.cpuUsage(cpu);
  return { wall: (performance.now() - started) / 1_000, cpu: (user + system) / 1_000_000 };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** New mTLS connections a second through the library and through node:tls alone, in turn in one process. */
export async function mtls(report: Report): Promise<void> {
  const ca = TestCa.create({ trustDomain: "bench.test" });
  const ways = [plain(ca), verified(ca)] as const;
  for (const { server } of ways) await once(server.listen(0, host), "listening");
  for (const way of ways) await shakeHands(way);
  const wall: number[] = [];
  const cpu: number[] = [];
  const rates: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const [theirs, mine] = [await shakeHands(ways[0]), await shakeHands(ways[1])];
    rates[0].push(handshakes / theirs.wall);
    rates[1].push(handshakes / mine.wall);
    wall.push(theirs.wall / mine.wall);
    cpu.push(theirs.cpu / mine.cpu);
  }
  for (const { server } of ways) server.close();
  const head = { bench: "mtls", system: "mayfly" };
  report.add({ ...head, figure: "handshakes, node:tls alone", value: median(rates[0]), unit: "1/s", target: "" });
  report.add({ ...head, figure: "handshakes, verified by us", value: median(rates[1]), unit: "1/s", target: "" });
  report.add({ ...head, figure: "ratio by wall clock", value: median(wall), unit: "", target: "≥ 0.8" });
  report.add({ ...head, figure: "ratio by CPU time", value: median(cpu), unit: "", target: "≥ 0.8" });
}
