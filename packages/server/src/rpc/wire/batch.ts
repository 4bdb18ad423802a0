// SPDX-License-Identifier: Apache-2.0
import type { StatusMessage } from "@mayfly/rpc";
import { toStatusError } from "../status.ts";

/** The status of an item that went well. */
export const okStatus: StatusMessage = { code: 0, message: "OK" };

/** The refusal of one item as its result. What no map knows is rethrown: it fails the whole call. */
export function itemStatus(error: unknown): StatusMessage {
  const refusal = toStatusError(error);
  if (refusal === undefined) throw error;
  return { code: refusal.code, message: refusal.message };
}

/** Handles all items of a batch. They reach the store in their order, so a later one sees what an earlier one did. */
export async function settle<T, R extends object>(
  items: readonly T[],
  handle: (item: T) => Promise<R>,
  refused: (item: T, status: StatusMessage) => R = (_, status) => ({ status }) as unknown as R,
): Promise<R[]> {
  const attempt = async (item: T): Promise<R> => {
    try {
      return await handle(item);
    } catch (error) {
      return refused(item, itemStatus(error));
    }
  };
  return await Promise.all(items.map(attempt));
}
