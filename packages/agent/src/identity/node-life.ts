// SPDX-License-Identifier: Apache-2.0
import { X509Bundle } from "@mayfly/spiffe";
import { Certificate } from "@mayfly/x509";
import { Backoff } from "../backoff.ts";
import { AgentError } from "../errors.ts";
import { describeError } from "../standing.ts";
import { ServerSession } from "../sync/server-session.ts";
import type { SyncTarget } from "../sync/sync-target.ts";
import { verifyByBundle } from "../trust/server-verifier.ts";
import { type AgentSvid, isUsable } from "./agent-svid.ts";
import { attest, type AttestationDeps } from "./attestation.ts";
import { asIdentityLost, IdentityLost, renew } from "./renewal.ts";

/** What a node's life needs. */
export interface NodeLifeDeps extends AttestationDeps {
  readonly target: SyncTarget;
}

/** A session that settled goes on so long beside its successor at most. */
const handOverMs = 15_000;

/** Streams get so long to end with what the server said before the agent ends. */
const farewellMs = 500;

/** The node from attestation to attestation: keeps one session with the server, under an SVID that is renewed ahead of its end. */
export class NodeLife {
  readonly #deps: NodeLifeDeps;
  #session: ServerSession | undefined;

  constructor(deps: NodeLifeDeps) {
    this.#deps = deps;
  }

  /** The session whose channel is to be used now. */
  get session(): ServerSession | undefined {
    return this.#session;
  }

  /** Lives until the signal is aborted. @throws {AgentError} when the node has no way back by itself */
  async run(signal: AbortSignal): Promise<void> {
    const { store, standing, clock } = this.#deps;
    try {
      for (;;) {
        const stored = store.current.svid;
        const svid = stored !== undefined && isUsable(stored, clock.now()) ? stored : await attest(this.#deps, signal);
        standing.attested(svid);
        await this.#lose(await this.#live(svid, signal), signal);
      }
    } finally {
      this.#session?.close();
    }
  }

  /** Until the server does not accept the node any more. */
  async #live(first: AgentSvid, signal: AbortSignal): Promise<IdentityLost> {
    let svid = first;
    const backoff = new Backoff({ firstMs: 200, maxMs: 10_000 });
    using scope = new Scope(signal);
    this.#replace(this.#open(svid));
    let renewal = this.#renewal(svid, scope.signal);
    for (;;) {
      const session = this.#session ?? this.#replace(this.#open(svid));
      const next = await Promise.race([renewal, session.ended.then((error) => ({ error }))]);
      signal.throwIfAborted();
      if ("lost" in next) return next.lost;
      if ("svid" in next) {
        svid = next.svid;
        await this.#handOver(svid, signal);
        renewal = this.#renewal(svid, scope.signal);
        backoff.reset();
        continue;
      }
      const lost = asIdentityLost(next.error, svid, this.#deps.clock.now());
      if (lost !== undefined) return lost;
      if (await settledAlready(session)) backoff.reset();
      await this.#reconnect(svid, { error: next.error, pauseMs: backoff.nextMs(), signal });
    }
  }

  #renewal(svid: AgentSvid, signal: AbortSignal): Promise<{ svid: AgentSvid } | { lost: IdentityLost }> {
    const channel = (): ServerSession["channel"] => (this.#session ?? this.#replace(this.#open(svid))).channel;
    const isTrusted = ({ authorityKeyId }: AgentSvid): boolean =>
      this.#deps.target.held.ownBundle?.signsX509(authorityKeyId) ?? true;
    const renewed = renew(svid, { ...this.#deps, channel, isTrusted }, signal).then(
      (next) => ({ svid: next }),
      (error: unknown) => {
        if (error instanceof IdentityLost) return { lost: error };
        throw error;
      },
    );
    renewed.catch(() => undefined);
    return renewed;
  }

  /** Make before break: the old session serves until the new one has what it had. */
  async #handOver(svid: AgentSvid, signal: AbortSignal): Promise<void> {
    const next = this.#open(svid);
    this.#deps.standing.attested(svid);
    using scope = new Scope(signal);
    const patience = this.#deps.clock.sleep(handOverMs, scope.signal).catch(() => undefined);
    await Promise.race([next.settled, next.ended, patience]);
    this.#replace(next);
  }

  async #reconnect(
    svid: AgentSvid,
    { error, pauseMs, signal }: { error: unknown; pauseMs: number; signal: AbortSignal },
  ): Promise<void> {
    const { standing, log, connector, clock } = this.#deps;
    standing.disconnected(error);
    log.warn("server_lost", { server: connector.address, error: describeError(error), retry_ms: Math.round(pauseMs) });
    connector.failOver();
    await clock.sleep(pauseMs, signal);
    this.#replace(this.#open(svid));
  }

  #open(svid: AgentSvid): ServerSession {
    const { connector, introduction, target, config, clock } = this.#deps;
    const verify = verifyByBundle(introduction.trustDomain, () => this.#serverBundle(), clock);
    return new ServerSession(svid, connector.open(verify, svid), target, config.sync);
  }

  #replace(session: ServerSession): ServerSession {
    this.#session?.close();
    this.#session = session;
    this.#deps.standing.changes.notify();
    return session;
  }

  #serverBundle(): X509Bundle {
    const { target, store, introduction } = this.#deps;
    const authorities = store.current.bundle?.x509Authorities ?? [];
    return (
      target.held.ownBundle?.x509 ??
      new X509Bundle(
        introduction.trustDomain,
        authorities.map(({ der }) => Certificate.parse(der)),
      )
    );
  }

  async #lose({ reason }: IdentityLost, signal: AbortSignal): Promise<void> {
    const { standing, store, log, target, config, clock } = this.#deps;
    this.#session?.close();
    this.#session = undefined;
    // Another serial took the place, or time ran out: the node's entries are still its own. Otherwise the server said that they are not.
    const withdrawn = reason === "AGENT_BANNED" || reason === "AGENT_NOT_ATTESTED";
    log.error("agent_identity_lost", { reason, withdrawn });
    if (withdrawn) target.held.clearEntries();
    await store.dropSvid();
    standing.lost({ withdrawn });
    if (reason === "AGENT_BANNED" && config.nodeMethod.type === "join_token") {
      await clock.sleep(farewellMs, signal);
      throw new AgentError("AGENT_BANNED", "an operator banned this node");
    }
  }
}

async function settledAlready(session: ServerSession): Promise<boolean> {
  return Promise.race([session.settled.then(() => true), Promise.resolve(false)]);
}

/** A signal that ends with its block or with its parent. */
class Scope implements Disposable {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal;

  constructor(parent: AbortSignal) {
    this.signal = AbortSignal.any([parent, this.#controller.signal]);
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
  }
}
