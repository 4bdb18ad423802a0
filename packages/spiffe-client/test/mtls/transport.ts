// SPDX-License-Identifier: Apache-2.0
import type { ConnectionOptions, PeerPolicy, ServerConnectionOptions } from "../../src/index.ts";

/** A server whose handler notes each request that reaches it in `seen`, as `<peer's ID> <what was said>`, and answers with the same. */
export interface Served {
  readonly port: number;
  readonly seen: string[];
  /** How many connections are open. */
  connections(): number;
  close(): Promise<void>;
}

/** A client that may keep connections. */
export interface Client {
  /** Says this to the server and resolves with its answer. `wait:<ms>` is answered after that time. Rejects with the refusal itself. */
  request(text: string): Promise<string>;
  close(): Promise<void>;
}

/** One way to talk, over which every attack is tried. */
export interface Transport {
  readonly name: string;
  /** Listens on 127.0.0.1. */
  serve(options: PeerPolicy & ServerConnectionOptions): Promise<Served>;
  /** Of the server at 127.0.0.1 and this port. */
  client(options: PeerPolicy & ConnectionOptions, port: number): Client;
  /** Bare bytes: a server can't tell requests apart. */
  readonly bare?: boolean;
  /** What a client of this protocol offers in ALPN. */
  readonly alpn?: readonly string[];
  /** Octets of a request, for a client that believes everybody. */
  readonly request: Uint8Array;
  /** Octets of an answer, for a server that answers before it was asked. */
  readonly answer: Uint8Array;
  /** The code of the refusal that a client met; default: the `code` of the error or of its causes. */
  readonly codeOf?: (error: unknown) => string | undefined;
}

/** The code of the error, or of the first of its causes that has one of ours. */
export function codeOf(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ("code" in each && typeof each.code === "string" && !each.code.startsWith("UND_")) return each.code;
  }
  return undefined;
}

/** Milliseconds that the server is asked to take. */
export function waitOf(text: string): number {
  return text.startsWith("wait:") ? Number(text.slice(5)) : 0;
}
