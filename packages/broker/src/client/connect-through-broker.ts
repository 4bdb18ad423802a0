// SPDX-License-Identifier: Apache-2.0
import { connectTls, type PeerPolicy } from "@mayfly/spiffe-client";
import { askBroker } from "./ask-broker.ts";
import { BrokeredStream } from "./brokered-stream.ts";

/** Where the broker is, who it may be (`authorize`), and who asks (`source`). */
export interface BrokerAddress extends PeerPolicy {
  readonly host: string;
  readonly port: number;
  readonly signal?: AbortSignal | undefined;
}

/** For which call, and what. */
export interface BrokerRequest {
  /** The gateway's statement, as it came with the call. */
  readonly statement: string;
  readonly target: string;
}

/**
 * A database connection for one tool call, through the broker: no credential is involved on this side. Give the stream to `pg`, with the
 * target's name as database: `new Client({ stream, database: "orders", ssl: false })`; or to anything that speaks PostgreSQL's protocol.
 * It ends with the task.
 * @throws {BrokerRefusal}; as `connectTls`
 */
export async function connectThroughBroker(address: BrokerAddress, request: BrokerRequest): Promise<BrokeredStream> {
  const socket = await connectTls(address);
  const { statement, target } = request;
  const answer = await askBroker(socket, { statement, target }, address.signal);
  return new BrokeredStream(socket, answer.lease);
}

/** A credential of one's own, for tools that connect by themselves. Keep it in memory, and nowhere else. */
export interface LeasedCredential {
  readonly lease: string;
  /** Nothing logs in with it after that. */
  readonly notAfter: Date;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** @throws {BrokerRefusal}; as `connectTls` */
export async function leaseFromBroker(
  address: BrokerAddress,
  request: BrokerRequest & { readonly ttlSeconds?: number | undefined },
): Promise<LeasedCredential> {
  const { statement, target, ttlSeconds } = request;
  const ttl = ttlSeconds === undefined ? {} : { ttl_seconds: ttlSeconds };
  const socket = await connectTls(address);
  try {
    const answer = await askBroker(socket, { statement, target, mode: "leased", ...ttl }, address.signal);
    const credential = answer.credential as Omit<LeasedCredential, "lease" | "notAfter">;
    return { lease: answer.lease, notAfter: new Date(answer.not_after ?? ""), ...credential };
  } finally {
    socket.destroy();
  }
}

/** Gives a leased credential back; resolves when it is proven to be of no use. @throws {BrokerRefusal}; as `connectTls` */
export async function endLeaseAtBroker(address: BrokerAddress, lease: string): Promise<void> {
  const socket = await connectTls(address);
  try {
    await askBroker(socket, { end: lease }, address.signal);
  } finally {
    socket.destroy();
  }
}

/** Cancels what a brokered session is doing: the numbers that the server gave it at its start. @throws as `endLeaseAtBroker` */
export async function cancelAtBroker(
  address: BrokerAddress,
  { processId, key }: { readonly processId: number; readonly key: number },
): Promise<void> {
  const socket = await connectTls(address);
  try {
    await askBroker(socket, { cancel: { process: processId, key } }, address.signal);
  } finally {
    socket.destroy();
  }
}
