// SPDX-License-Identifier: Apache-2.0
import type { EndProgress, Sent } from "@mayfly/rpc";
import { tiers } from "@mayfly/tasks";
import type { Followed } from "../../../tasks/ending/followed.ts";
import type { Call } from "../../call.ts";
import { toGrantMessage } from "./task-message.ts";

/** After the last fence has passed, what is open is stuck: whoever waits is told so, and the end goes on. */
const afterFenceMs = 5_000;
/** The answer must be on its way before the caller gives up. */
const earlyMs = 100;

function patience({ tasks }: Followed, deadline: Date | undefined): number {
  const fenceMs = Math.max(0, ...[...tasks.values()].map(({ tier }) => tiers[tier].fenceMs));
  const longest = fenceMs + afterFenceMs;
  const left = deadline === undefined ? longest : deadline.getTime() - Date.now() - earlyMs;
  return Math.max(0, Math.min(longest, left));
}

/** Grants as they are proven gone, then the summary; the end goes on whether or not somebody listens. */
export async function* followEnd(
  end: Followed,
  { signal, deadline }: Pick<Call, "signal" | "deadline">,
  cut: readonly string[] = [],
): AsyncGenerator<Sent<EndProgress>> {
  const timeout = AbortSignal.timeout(patience(end, deadline));
  for await (const grant of end.follow(AbortSignal.any([signal, timeout]))) yield { grant: toGrantMessage(grant) };
  const { healthyMs, fenceMs, foreignMs } = end.times;
  yield {
    summary: {
      task_ids: [...end.tasks.keys()],
      quiet: end.isQuiet,
      grants: end.grantCount,
      stuck: end.open.size,
      healthy_ms: Math.round(healthyMs),
      fence_ms: fenceMs,
      foreign_ms: foreignMs,
      cut,
    },
  };
}
