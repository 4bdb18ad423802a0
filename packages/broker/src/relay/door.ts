// SPDX-License-Identifier: Apache-2.0
import type { TLSSocket } from "node:tls";
import type { SpiffeIdMatcher, VerifiedPeer } from "@mayfly/spiffe";
import { SpiffeError } from "@mayfly/spiffe";
import { verifyCallStatement, type X509Source } from "@mayfly/spiffe-client";
import type { Logger } from "@mayfly/telemetry";
import { LeaseError } from "../errors.ts";
import type { LeaseBook, OpenedLease } from "../lease/lease-book.ts";
import { ByteReader } from "./byte-reader.ts";
import { CancelKeys } from "./cancel-keys.ts";
import { type DoorRequest, maxLineBytes, parseDoorRequest } from "./door-request.ts";
import { serveSession } from "./serve-session.ts";

/** What a `Door` works with. */
export interface DoorParts {
  readonly source: X509Source;
  /** Whose statements count. */
  readonly gateways: SpiffeIdMatcher;
  readonly book: LeaseBook;
  readonly logger: Logger;
}

type OpenRequest = Extract<DoorRequest, { readonly kind: "open" }>;

const requestMs = 5_000;

/** What authenticated tool servers may ask for: one request a connection. */
export class Door {
  readonly #parts: DoorParts;
  readonly #cancelKeys = new CancelKeys();

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  /** Serves a connection to its end; never throws. The peer is verified and is a tool server. */
  async serve(socket: TLSSocket, peer: VerifiedPeer): Promise<void> {
    const holder = peer.id.toString();
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    try {
      const request = parseDoorRequest(await new ByteReader(socket, requestMs).line(maxLineBytes));
      if (request.kind === "open") await this.#open(request, holder, socket);
      else if (request.kind === "end") await this.#end(request.lease, holder, socket);
      else await this.#cancel(request, holder, socket);
    } catch (error) {
      this.#refuse(error, holder, socket);
    }
  }

  async #open(request: OpenRequest, holder: string, socket: TLSSocket): Promise<void> {
    const { book, logger, source, gateways } = this.#parts;
    const { statement, target, mode, ttlSeconds } = request;
    // The statement was made for the tool server: whoever else got hold of it can't use it.
    const { task, call } = verifyCallStatement(statement, { source, gateways, audience: holder });
    const opened = await book.open({ statement, target, mode, holder, ttlSeconds }, { taskId: task, callId: call });
    const { id, account } = opened.held.lease;
    logger.info("lease_opened", { lease: id, task, call, target, mode, holder, account });
    if (mode === "leased") return await this.#handOut(opened, socket);
    try {
      socket.write(`${JSON.stringify({ ok: true, lease: id })}\n`);
      await serveSession(opened, socket, this.#cancelKeys);
    } finally {
      socket.destroySoon();
      void book.end(opened.held, "connection-closed");
    }
  }

  /** The one place where a secret leaves: over the holder's mTLS connection, once. */
  async #handOut({ held, account, target }: OpenedLease, socket: TLSSocket): Promise<void> {
    const { admin, database, publicAddress } = target.config;
    const { host, port } = publicAddress ?? admin;
    const credential = { host, port, database, user: account.name, password: account.secret.reveal() };
    const { id, notAfter } = held.lease;
    const answer = JSON.stringify({ ok: true, lease: id, not_after: notAfter.toISOString(), credential });
    const isDelivered = await new Promise<boolean>((resolve) => {
      if (socket.destroyed) return resolve(false);
      socket.once("close", () => resolve(false));
      socket.end(`${answer}\n`, () => resolve(socket.writableFinished));
    });
    if (!isDelivered) void this.#parts.book.end(held, "not-delivered");
  }

  async #end(id: string, holder: string, socket: TLSSocket): Promise<void> {
    const held = this.#parts.book.get(id);
    // The same answer for none and for another's.
    if (held === undefined || held.lease.holder !== holder)
      throw new LeaseError("UNKNOWN_LEASE", "there is no such lease");
    await this.#parts.book.end(held, "holder");
    socket.end(`${JSON.stringify({ ok: true, lease: id, state: held.state })}\n`);
  }

  async #cancel(request: Extract<DoorRequest, { kind: "cancel" }>, holder: string, socket: TLSSocket): Promise<void> {
    await this.#cancelKeys.cancel(request, holder);
    socket.end(`${JSON.stringify({ ok: true })}\n`);
  }

  #refuse(error: unknown, holder: string, socket: TLSSocket): void {
    const code = error instanceof SpiffeError ? error.code : "INTERNAL";
    this.#parts.logger.warn("lease_refused", { holder, code, error });
    if (!socket.writable) return void socket.destroy();
    const reason = error instanceof LeaseError && error.reason !== "" ? { reason: error.reason } : {};
    socket.end(`${JSON.stringify({ error: { code, ...reason } })}\n`, () => socket.destroySoon());
  }
}
