// SPDX-License-Identifier: Apache-2.0
import type { EndProgress, Sent } from "@mayfly/rpc";
import { tiers } from "@mayfly/tasks";
import type { Pursuit } from "../../../tasks/ending/pursuit.ts";
import type { Call } from "../../call.ts";
import { toGrantMessage } from "./task-message.ts";

/** After the last fence has passed, what is open is stuck: whoever waits is told so, and the end goes on. */
const afterFenceMs = 5_000;
/** The answer must be on its way before the caller gives up. */
const earlyMs = 100;

function patience(pursuit: Pursuit, deadline: Date | undefined): number {
  const fenceMs = Math.max(0, ...[...pursuit.tasks.values()].map(({ tier }) => tiers[tier].fenceMs));
  const longest = fenceMs + afterFenceMs;
  const left = deadline === undefined ? longest : deadline.getTime() - Date.now() - earlyMs;
  return Math.max(0, Math.min(longest, left));
}

/** Grants as they are proven gone, then the summary; the end goes on whether or not somebody listens. */
export async function* followEnd(
  pursuit: Pursuit,
  { signal, deadline }: Pick<Call, "signal" | "deadline">,
): AsyncGenerator<Sent<EndProgress>> {
  const timeout = AbortSignal.timeout(patience(pursuit, deadline));
  for await (const grant of pursuit.follow(AbortSignal.any([signal, timeout]))) yield { grant: toGrantMessage(grant) };
  const { healthyMs, fenceMs, foreignMs } = pursuit.times;
  yield {
    summary: {
      task_ids: [...pursuit.tasks.keys()],
      quiet: pursuit.isQuiet,
      grants: pursuit.grantCount,
      stuck: pursuit.open.size,
      healthy_ms: healthyMs,
      fence_ms: fenceMs,
      foreign_ms: foreignMs,
    },
  };
}
