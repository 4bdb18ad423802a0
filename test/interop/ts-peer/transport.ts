// SPDX-License-Identifier: Apache-2.0
import type { AddressInfo, Server } from "node:net";
import type { ConnectionEnd, PeerPolicy } from "@mayfly/spiffe-client";

/** What the parts of this program hand to the helpers of spiffe-client. */
export interface Policy extends PeerPolicy {
  readonly onRefused: (error: unknown) => void;
  readonly onConnectionEnd: (end: ConnectionEnd) => void;
}

/** An answer: whom we verified, and whom the server says it saw. */
export interface Reply {
  readonly peer?: string | undefined;
  readonly seen: string;
  /** Serial number of the server's leaf, where the transport lets one see it. */
  readonly serial?: string | undefined;
}

/** A client that keeps its connection between requests. */
export interface Client {
  request(): Promise<Reply>;
  /** Resolves when a connection that was used is over. */
  readonly ended: Promise<void>;
  close(): void;
}

/** One transport of spiffe-client; only a client where others serve it. */
export interface Transport {
  serve?(policy: Policy): Promise<string>;
  open(address: string, policy: Policy): Client;
}

/** Listens on the loopback; the address. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Host and port of an address. */
export function parts(address: string): { readonly host: string; readonly port: number } {
  const [host = "", port] = address.split(":");
  return { host, port: Number(port) };
}
