// SPDX-License-Identifier: Apache-2.0
import type { FinishAccountOrderRequest } from "@mayfly/rpc";
import { recordText } from "../record/recorder.ts";
import type { TaskLayer } from "../task-layer.ts";

/** What a broker says came of an order; of one that was replaced meanwhile nothing is kept but the record. */
export async function finishOrder(
  { stores, clock, recorder, logger }: TaskLayer,
  broker: string,
  request: FinishAccountOrderRequest,
): Promise<void> {
  const { target, account, id } = request;
  const problem = recordText(request.problem);
  const before = await stores.accounts.get({ target, account });
  const outcome = problem === "" ? { doneAt: clock.now() } : { problem };
  const after = await stores.accounts.finishOrder({ target, account }, id, outcome);
  // A failed one is tried again every few seconds, and told once.
  if (after === undefined || (problem !== "" && before?.order?.problem === problem)) return;
  if (problem !== "") logger.error("account_order_failed", { target, account, problem });
  const body = { act: `${before?.order?.kind ?? "order"}-account`, target, account, order: id };
  const result = problem === "" ? "done" : "failed";
  await recorder.note({
    kind: "grant",
    actor: broker,
    body: { ...body, result, problem, sessions_cut: request.sessions_cut },
  });
}
