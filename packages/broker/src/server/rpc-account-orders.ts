// SPDX-License-Identifier: Apache-2.0
import { mayflyAccountsService, type RpcChannel } from "@mayfly/rpc";
import type { AccountOrder, AccountOrders, OrderAnswer } from "../accounts/account-orders.ts";

const { TakeOrders, FinishOrder } = mayflyAccountsService.methods;

/** Orders of the server, over `mayfly.task.v1.Accounts`. Rejects with a StatusError when the server can't be asked in time. */
export class RpcAccountOrders implements AccountOrders {
  readonly #channel: RpcChannel;
  readonly #timeoutMs: number;

  constructor(channel: RpcChannel, timeoutMs = 5_000) {
    this.#channel = channel;
    this.#timeoutMs = timeoutMs;
  }

  async take(target: string): Promise<readonly AccountOrder[]> {
    const { orders } = await this.#channel.unary(TakeOrders, { target }, { timeoutMs: this.#timeoutMs });
    return orders.flatMap(({ id, account, order, verifier }) =>
      order === "rotate" || order === "isolate" ? [{ id, account, order, verifier }] : [],
    );
  }

  async finish({ target, account, id, problem = "", sessionsCut }: OrderAnswer): Promise<void> {
    const message = { target, account, id, problem, sessions_cut: sessionsCut };
    await this.#channel.unary(FinishOrder, message, { timeoutMs: this.#timeoutMs });
  }
}
