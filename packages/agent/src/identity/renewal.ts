// SPDX-License-Identifier: Apache-2.0
import {
  agentService,
  permissionDeniedReason,
  type PermissionDeniedReason,
  type RpcChannel,
  StatusError,
} from "@mayfly/rpc";
import { Backoff } from "../backoff.ts";
import { describeError } from "../standing.ts";
import { waitFor } from "../wake.ts";
import { type AgentSvid, agentSvidOf, createAgentKey, isUsable, requestFor } from "./agent-svid.ts";
import { attest, type AttestationDeps } from "./attestation.ts";

/** The server does not accept the agent's SVID any more. */
export class IdentityLost extends Error {
  readonly reason: PermissionDeniedReason;

  constructor(reason: PermissionDeniedReason, options?: ErrorOptions) {
    super(`the server does not accept the agent any more: ${reason}`, options);
    this.name = "IdentityLost";
    this.reason = reason;
  }
}

/**
 * The error as the loss of this SVID, if it says so: only the details count, never code or text (UNKNOWN is no reason). A node that
 * could not attest again does not take a server's word that its SVID has ended before its time: the server's clock may have stepped.
 */
export function asIdentityLost(error: unknown, svid: AgentSvid, now: Date): IdentityLost | undefined {
  const reason = error instanceof StatusError ? permissionDeniedReason(error) : undefined;
  if (reason === undefined || reason === "UNKNOWN") return undefined;
  if (reason === "AGENT_EXPIRED" && !svid.canReattest && isUsable(svid, now)) return undefined;
  return new IdentityLost(reason, { cause: error });
}

/** What renewing needs. */
export interface RenewalDeps extends AttestationDeps {
  /** The channel to the server, now. */
  readonly channel: () => RpcChannel;
  /** Whether the authority that signed the SVID is still to be relied on. */
  readonly isTrusted: (svid: AgentSvid) => boolean;
}

/**
 * Waits until about half of what is left of the SVID, or until its authority is tainted or gone, then gets the next one and stores it. The old
 * one works until the new one is used.
 * @throws {IdentityLost}
 */
export async function renew(svid: AgentSvid, deps: RenewalDeps, signal: AbortSignal): Promise<AgentSvid> {
  const { clock, log } = deps;
  await waitUntilDue(svid, deps, signal);
  const backoff = new Backoff({ firstMs: 1000, maxMs: 30_000 });
  for (;;) {
    try {
      const next = svid.canReattest ? await attest(deps, signal) : await renewOnce(svid, deps, signal);
      log.info("agent_svid_renewed", { agent_id: next.id, expires_at: next.notAfter });
      return next;
    } catch (error) {
      signal.throwIfAborted();
      const lost = asIdentityLost(error, svid, clock.now());
      if (lost !== undefined) throw lost;
      log.warn("agent_svid_renewal_failed", { error: describeError(error) });
      if (!isUsable(svid, clock.now())) throw new IdentityLost("AGENT_EXPIRED", { cause: error });
      await clock.sleep(backoff.nextMs(), signal);
    }
  }
}

async function waitUntilDue(
  svid: AgentSvid,
  { standing, clock, isTrusted }: RenewalDeps,
  signal: AbortSignal,
): Promise<void> {
  const due = dueAt(svid, clock.now());
  for (;;) {
    const changed = standing.changes.next;
    const leftMs = due - clock.now().getTime();
    if (leftMs <= 0) return;
    // Spread, for all agents hear of it at once; and so that a server that goes on signing so is not asked without end.
    if (!isTrusted(svid)) return clock.sleep(Math.min(leftMs, 500 + 1500 * Math.random()), signal);
    await waitFor(changed, { signal, timeoutMs: leftMs });
  }
}

/**
 * When an SVID that came now is renewed, milliseconds since 1970: at 45 to 55 % of what is left of it. Not from notBefore: that is dated
 * back, by more than all of a short life, and such an SVID would be renewed without pause.
 */
export function dueAt({ notAfter }: Pick<AgentSvid, "notAfter">, now: Date): number {
  const left = notAfter.getTime() - now.getTime();
  return now.getTime() + left * (0.45 + 0.1 * Math.random());
}

async function renewOnce(svid: AgentSvid, { store, channel }: RenewalDeps, signal: AbortSignal): Promise<AgentSvid> {
  const key = createAgentKey();
  const request = { params: { csr: requestFor(key) } };
  const { svid: issued } = await channel().unary(agentService.methods.RenewAgent, request, {
    signal,
    timeoutMs: 15_000,
  });
  const trustDomain = store.current.trustDomain;
  const next = agentSvidOf(issued?.cert_chain ?? [], key, { trustDomain, canReattest: svid.canReattest });
  await store.keepSvid(next);
  return next;
}
