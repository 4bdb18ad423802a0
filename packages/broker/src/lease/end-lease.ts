// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { SpiffeError } from "@mayfly/spiffe";
import type { Evidence } from "@mayfly/tasks";
import type { Logger } from "@mayfly/telemetry";
import type { PostgresTarget } from "../postgres/postgres-target.ts";
import type { HeldLease } from "./held-lease.ts";
import type { LeaseReport } from "./lease.ts";

/** What the end of a lease needs. */
export interface EndParts {
  readonly target: PostgresTarget;
  /** The broker's SPIFFE ID. May throw: then the end waits for its identity. */
  readonly by: () => string;
  readonly report: (report: LeaseReport) => void;
  readonly logger: Logger;
  /** Ends the trying; the lease stays what it is for the next start. */
  readonly signal: AbortSignal;
  readonly firstRetryMs?: number | undefined;
}

const longestRetryMs = 30_000;

/** Cuts at once, then takes away and proves it; tries until it is proven, for ever, and says so. */
export async function endLease(held: HeldLease, why: string, parts: EndParts): Promise<void> {
  const { logger, report, signal } = parts;
  const { id, taskId, target } = held.lease;
  held.state = "revoking";
  held.cut();
  await held.making.catch(() => undefined);
  for (let waitMs = parts.firstRetryMs ?? 500; ; waitMs = Math.min(waitMs * 2, longestRetryMs)) {
    try {
      const evidence = await endOnce(held, parts);
      held.state = "gone";
      held.problem = "";
      held.forget();
      report({ id, state: "gone", evidence });
      return logger.info("lease_gone", { lease: id, task: taskId, target, why });
    } catch (error) {
      held.state = "stuck";
      held.problem = problemOf(error);
      report({ id, state: "stuck", problem: held.problem });
      logger.error("lease_stuck", { lease: id, task: taskId, target, why, error, retry_ms: waitMs });
    }
    await sleep(waitMs / 2 + Math.random() * (waitMs / 2), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
  }
}

async function endOnce(held: HeldLease, { target, by }: EndParts): Promise<Evidence> {
  const { account, lease, connections } = held;
  const detail = await target.endAccount({
    name: lease.account,
    oid: account?.oid,
    secret: account?.secret,
    held: connections,
  });
  return { by: by(), at: new Date(), method: "verified-by-effect", detail };
}

function problemOf(error: unknown): string {
  return error instanceof SpiffeError ? `${error.code}: ${error.message}` : "UNKNOWN: the end failed";
}
