// SPDX-License-Identifier: Apache-2.0
// Keeps a TLS session with the broker past the end of the SVID that it was begun with, and resumes it with that SVID, by node:tls alone.
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { connect, type TLSSocket } from "node:tls";
import type { X509Svid } from "@mayfly/spiffe";
import { pemOf } from "../bot/pem.ts";
import { obeyOrder, type Order } from "./obey-order.ts";

interface ResumeOrder extends Order {
  readonly host: string;
  readonly port: number;
}

const sessionMs = 500;

await obeyOrder(async (order, source) => {
  const { svid } = source;
  const { host, port } = order as ResumeOrder;
  const dial = (session?: Buffer): TLSSocket => open({ host, port, svid, session });
  const first = dial();
  let session: Buffer | undefined;
  first.on("session", (given: Buffer) => (session = given));
  const before = await ask(first);
  if (session === undefined) await Promise.race([once(first, "session"), wait(sessionMs)]);
  await wait(Math.max(0, svid.notAfter.getTime() - Date.now()) + 1_000);
  const second = dial(session);
  const after = await ask(second);
  return { before, after, hasSession: session !== undefined, isResumed: second.isSessionReused() };
});

function open(to: {
  readonly host: string;
  readonly port: number;
  readonly svid: X509Svid;
  readonly session: Buffer | undefined;
}): TLSSocket {
  const { svid, session, ...address } = to;
  const key = svid.privateKey.export({ format: "pem", type: "pkcs8" });
  const resumed = session === undefined ? {} : { session };
  const socket = connect({ ...address, cert: pemOf(svid), key, rejectUnauthorized: false, ...resumed });
  socket.on("error", () => undefined);
  return socket;
}

/** What the broker says to a question about a lease that is none; "" when the connection ends instead. */
async function ask(socket: TLSSocket): Promise<string> {
  socket.write('{"end":"l-none"}\n');
  let answer = "";
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
  await new Promise((resolve) => socket.once("close", resolve));
  return answer;
}
