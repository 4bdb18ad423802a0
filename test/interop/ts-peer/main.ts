// SPDX-License-Identifier: Apache-2.0
// A workload on spiffe-client: serves and calls over every transport as lines on standard input ask (protocol.ts).
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { SpiffeError } from "@mayfly/spiffe";
import { anyPeer, exact, memberOf, type SpiffeIdMatcher, X509Source } from "@mayfly/spiffe-client";
import { globalFetch, undici } from "./fetch.ts";
import { grpc } from "./grpc.ts";
import { http2 } from "./http2.ts";
import { https } from "./https.ts";
import type { Command, PeerEvent } from "./protocol.ts";
import { tls } from "./tls.ts";
import type { Client, Policy, Transport } from "./transport.ts";

const transports: Readonly<Record<string, Transport>> = { tls, https, http2, grpc, fetch: globalFetch, undici };

function emit(event: PeerEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** The coded error in a chain of causes, or what there is. */
function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof SpiffeError) return at.code;
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** The messages of an error and of its causes. */
function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? String(error) : `${String(error)} < ${causes(error.cause)}`;
}

function failure(error: unknown): Pick<PeerEvent, "code" | "error"> {
  return { code: codeOf(error), error: causes(error) };
}

function matcher(text: string): SpiffeIdMatcher {
  if (text === "any") return anyPeer();
  if (text.startsWith("member:")) return memberOf(text.slice("member:".length));
  return exact(text.slice("id:".length));
}

async function stream(command: Command, open: () => Client): Promise<void> {
  const { id, seconds = 0, every_ms = 0, fresh = false } = command;
  const serials = new Set<string>();
  const errors: string[] = [];
  const kept = open();
  let count = 0;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; count++) {
    const client = fresh ? open() : kept;
    try {
      const { serial } = await client.request();
      if (serial !== undefined) serials.add(serial);
    } catch (error) {
      errors.push(`${codeOf(error)} ${causes(error)}`);
    }
    if (fresh) client.close();
    await sleep(every_ms);
  }
  kept.close();
  emit({ id, event: "done", count, failed: errors.length, serials: serials.size, errors });
}

async function run(command: Command, source: X509Source): Promise<void> {
  const { id, op, address = "" } = command;
  const transport = transports[command.transport];
  if (transport === undefined) throw new TypeError(`no transport ${command.transport}`);
  const policy: Policy = {
    source,
    authorize: matcher(command.authorize),
    onRefused: (error) => emit({ id, event: "refused", ...failure(error) }),
    onConnectionEnd: ({ reason, peer }) => emit({ id, event: "end", reason, peer: peer.id.toString() }),
  };
  if (op === "serve") {
    if (transport.serve === undefined) throw new TypeError(`${command.transport} does not serve`);
    emit({ id, event: "serving", address: await transport.serve(policy) });
    return;
  }
  if (op === "stream") return stream(command, () => transport.open(address, policy));
  const client = transport.open(address, policy);
  try {
    const { peer, seen } = await client.request();
    emit({ id, event: "done", peer, seen });
    if (op === "hold") {
      await client.ended;
      emit({ id, event: "ended" });
    }
  } finally {
    client.close();
  }
}

await using source = await X509Source.open();
emit({ id: 0, event: "ready", peer: source.svid.id.toString() });
const lines = createInterface({ input: process.stdin });
const stop = new AbortController();
lines.on("line", (line) => {
  const command = JSON.parse(line) as Command;
  run(command, source).catch((error: unknown) => emit({ id: command.id, event: "failed", ...failure(error) }));
});
lines.on("close", () => stop.abort());
process.once("SIGTERM", () => process.exit());
try {
  for await (const { svids } of source.updates({ signal: stop.signal }))
    emit({ id: 0, event: "svid", peer: svids[0]?.chain[0]?.serialNumber.toString() });
} catch (error) {
  if (!stop.signal.aborted) emit({ id: 0, event: "failed", ...failure(error) });
}
