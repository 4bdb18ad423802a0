// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import type { X509Svid } from "@mayfly/spiffe";
import { connectTls, createTlsServer, memberOf, oneOf, verifiedPeer, X509Source } from "@mayfly/spiffe-client";
import { timestamp } from "../../output.ts";
import type { Order, Report } from "./messages.ts";

function tell(report: Report): void {
  // A parent that is gone hears nothing, and this program ends on "disconnect".
  if (process.connected) process.send?.(report, undefined, undefined, () => undefined);
}

function fail(error: unknown): void {
  const code = error instanceof Error && "code" in error ? String(error.code) : "INTERNAL";
  tell({ report: "failed", code, message: error instanceof Error ? error.message : String(error) });
}

function serialOf(svid: X509Svid): string {
  return svid.chain[0]?.serialNumber.toString(16) ?? "";
}

function tellSvid(svid: X509Svid): void {
  const [leaf] = svid.chain;
  const curve = leaf?.publicKey.asymmetricKeyDetails?.namedCurve;
  tell({
    report: "svid",
    spiffe_id: svid.id.toString(),
    serial_number: serialOf(svid),
    not_before: timestamp(svid.notBefore.getTime() / 1000) ?? "",
    not_after: timestamp(svid.notAfter.getTime() / 1000) ?? "",
    key: curve === "prime256v1" ? "ECDSA P-256" : (curve ?? leaf?.publicKey.asymmetricKeyType ?? "?"),
    authority: leaf?.authorityKeyId ?? "?",
  });
}

/** Answers every program of this trust domain with what it saw of it. */
async function serve(source: X509Source): Promise<void> {
  const authorize = memberOf(source.svid.id.trustDomain);
  const server = createTlsServer({ source, authorize }, (socket, { id, chain }) => {
    const serial_number = chain[0]?.serialNumber.toString(16) ?? "";
    socket.end(JSON.stringify({ spiffe_id: id.toString(), serial_number }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  tell({ report: "listening", port: typeof bound === "object" && bound !== null ? bound.port : 0 });
}

/** Asks the program at the port, which must be `peer`, and tells what came of it. */
async function call(source: X509Source, port: number, peer: string): Promise<void> {
  const started = performance.now();
  const socket = await connectTls({ source, authorize: oneOf(peer), host: "127.0.0.1", port });
  const [protocol, cipher] = [socket.getProtocol() ?? "", socket.getCipher().name];
  let answer = "";
  for await (const chunk of socket.setEncoding("utf8")) answer += String(chunk);
  tell({
    report: "exchange",
    peer: verifiedPeer(socket)?.id.toString() ?? "",
    seen: JSON.parse(answer) as { spiffe_id: string; serial_number: string },
    protocol,
    cipher,
    milliseconds: Math.round(performance.now() - started),
  });
}

async function work(name: string, address: string): Promise<void> {
  await using source = await X509Source.open({ address });
  tellSvid(source.svid);
  process.on("message", (order: Order) => {
    if (order.order === "call") call(source, order.port, order.peer).catch(fail);
  });
  if (name === "db") await serve(source);
  let serial = serialOf(source.svid);
  for await (const { svids } of source.updates()) {
    const [svid] = svids;
    if (svid === undefined || serialOf(svid) === serial) continue;
    serial = serialOf(svid);
    tellSvid(svid);
  }
}

/**
 * A demonstration program of `mayfly dev`: a process of its own that knows nothing but the Workload API's address. It asks others over
 * mTLS and, as `db`, serves over mTLS, always with the SVID that it has at that moment.
 */
export function demonstrate(name: string, address: string): void {
  // Interrupting is the parent's business; this one ends with the channel to it.
  process.on("SIGINT", () => undefined).on("disconnect", () => process.exit(0));
  process.once("message", (order: Order) => {
    if (order.order === "start") work(name, address).catch(fail);
  });
  tell({ report: "ready" });
}
