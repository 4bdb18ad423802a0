// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { AttestedNode } from "@mayfly/registration";
import { type CallContext, StatusError } from "@mayfly/rpc";
import { denied } from "../rpc/denied.ts";
import type { Clock } from "../clock.ts";
import type { Connection, PeerIdentity } from "../transport/connection.ts";
import { ExpiryQueue } from "../views/expiry-queue.ts";
import type { LiveViews } from "../views/live-views.ts";

/** The part of a call's context that a session needs. */
type WatchedCall = Pick<CallContext<Connection>, "path" | "end">;

interface Session {
  readonly key: string;
  readonly call: WatchedCall;
  readonly identity: PeerIdentity;
}

/** Open streams of agents, ended as soon as the agent loses the right to them: banned, deleted, replaced or expired. */
export class AgentSessions implements Disposable {
  readonly #byAgent = new Map<string, Set<Session>>();
  readonly #byKey = new Map<string, Session>();
  readonly #expiry: ExpiryQueue;
  readonly #views: LiveViews;
  readonly #unsubscribe: () => void;
  #opened = 0;

  constructor(views: LiveViews, clock: Clock) {
    this.#views = views;
    this.#expiry = new ExpiryQueue(clock, (key) => {
      const session = this.#byKey.get(key);
      if (session !== undefined) session.call.end(denied(session.call.path, "AGENT_EXPIRED"));
    });
    this.#unsubscribe = views.onChange((change) => {
      if (change.kind === "node") this.#onNode(change.id, change.node);
    });
  }

  /** Puts a stream under watch until it is disposed. */
  open(call: WatchedCall, identity: PeerIdentity): Disposable {
    this.#opened += 1;
    const session: Session = { key: String(this.#opened), call, identity };
    const siblings = this.#byAgent.get(identity.id) ?? new Set();
    this.#byAgent.set(identity.id, siblings.add(session));
    this.#byKey.set(session.key, session);
    this.#expiry.set(session.key, identity.notAfter);
    const node = this.#views.node(identity.id);
    // Lost between the check and this line: the next attempt is told why.
    if (node === undefined || !mayStay(identity, node))
      call.end(new StatusError(status.UNAVAILABLE, "the agent's record changed"));
    return {
      [Symbol.dispose]: () => {
        this.#expiry.delete(session.key);
        this.#byKey.delete(session.key);
        siblings.delete(session);
        if (siblings.size === 0 && this.#byAgent.get(identity.id) === siblings) this.#byAgent.delete(identity.id);
      },
    };
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#expiry[Symbol.dispose]();
  }

  #onNode(id: string, node: AttestedNode | undefined): void {
    for (const session of this.#byAgent.get(id) ?? []) {
      if (node === undefined) session.call.end(denied(session.call.path, "AGENT_NOT_ATTESTED"));
      else if (node.serialNumber === "") session.call.end(denied(session.call.path, "AGENT_BANNED"));
      else if (!mayStay(session.identity, node)) {
        // No details: an agent that renewed would take them for the loss of its identity.
        session.call.end(new StatusError(status.UNAVAILABLE, "the agent uses a newer SVID"));
      }
    }
  }
}

function mayStay({ serialNumber }: PeerIdentity, node: AttestedNode): boolean {
  return serialNumber === node.serialNumber || serialNumber === node.newSerialNumber;
}
