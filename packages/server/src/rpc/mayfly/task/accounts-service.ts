// SPDX-License-Identifier: Apache-2.0
import type {
  AccountMessage,
  ListAccountsRequest,
  ListAccountsResponse,
  MayflyAccountsMethods,
  Sent,
  TakeAccountOrdersResponse,
} from "@mayfly/rpc";
import { accountAlarms, type BackendAccount } from "@mayfly/tasks";
import { adoptAccount } from "../../../tasks/accounts/adopt-account.ts";
import { finishOrder } from "../../../tasks/accounts/finish-order.ts";
import { requireAccountAdmin } from "../../../tasks/accounts/find-account.ts";
import { orderAccount } from "../../../tasks/accounts/order-account.ts";
import { type Actor, actorOf } from "../../../tasks/callers/actor.ts";
import type { TaskLayer } from "../../../tasks/task-layer.ts";
import type { Call, GuardedHandlers } from "../../call.ts";
import { pageOf, parseListPage } from "./list-page.ts";

const maxOrders = 1000;

function ms(at: Date | undefined): string {
  return String(at?.getTime() ?? 0);
}

function toAccountMessage(account: BackendAccount, now: Date): Sent<AccountMessage> {
  const { adoption, order } = account;
  return {
    target: account.target,
    account: account.account,
    last_activity_ms: ms(account.lastActivityAt),
    can_login: account.canLogIn,
    legacy: account.isLegacy,
    first_seen_ms: ms(account.firstSeenAt),
    last_seen_ms: ms(account.lastSeenAt),
    owner: adoption?.owner ?? "",
    expires_at_ms: ms(adoption?.expiresAt),
    adopted_by: adoption?.adoptedBy ?? "",
    rotated_at_ms: ms(account.rotatedAt),
    order: order?.kind ?? "",
    order_problem: order?.problem ?? "",
    alarms: accountAlarms(account, now),
  };
}

async function list(layer: TaskLayer, actor: Actor, request: ListAccountsRequest): Promise<Sent<ListAccountsResponse>> {
  requireAccountAdmin(actor);
  const all = await layer.stores.accounts.list(request.target === "" ? {} : { target: request.target });
  const { messages, next } = pageOf(all, parseListPage(request), {
    token: ({ target, account }) => `${target}/${account}`,
    message: (account) => toAccountMessage(account, layer.clock.now()),
  });
  return { accounts: messages, next_page_token: next };
}

async function takeOrders({ stores }: TaskLayer, target: string): Promise<Sent<TakeAccountOrdersResponse>> {
  const accounts = await stores.accounts.list({ target });
  const orders = accounts.flatMap(({ account, order }) =>
    order === undefined ? [] : [{ id: order.id, account, order: order.kind, verifier: order.verifier }],
  );
  return { orders: orders.slice(0, maxOrders) };
}

function brokerOf({ caller }: Call): string {
  if (caller.identity === undefined || caller.guard !== "broker")
    throw new TypeError("a method for brokers was called by something else");
  return caller.identity.id;
}

/** Accounts that no lease explains: adopted and ordered about by people, changed by brokers. */
export function accountsHandlers(layer: TaskLayer): GuardedHandlers<MayflyAccountsMethods> {
  const answer = (account: BackendAccount): Sent<AccountMessage> => toAccountMessage(account, layer.clock.now());
  return {
    ListAccounts: async (request, { caller }) => await list(layer, actorOf(caller), request),
    AdoptAccount: async (request, { caller }) => answer(await adoptAccount(layer, actorOf(caller), request)),
    OrderAccount: async (request, { caller }) => answer(await orderAccount(layer, actorOf(caller), request)),
    TakeOrders: async ({ target }) => await takeOrders(layer, target),
    FinishOrder: async (request, call) => {
      await finishOrder(layer, brokerOf(call), request);
      return {};
    },
  };
}
