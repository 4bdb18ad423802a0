// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { StatusError } from "@mayfly/rpc";
import type { ListPage } from "@mayfly/tasks";
import { taskRefusal } from "../../../tasks/refusal.ts";

/** A page on the wire: the messages, and where the next one goes on; an empty token = nowhere. */
export interface MessagePage<Message> {
  readonly messages: readonly Message[];
  readonly next: string;
}

/** How items of a list become messages. */
export interface ItemForm<Item, Message> {
  /** Names an item within its list. */
  readonly token: (item: Item) => string;
  /** Undefined: not for this caller. */
  readonly message: (item: Item) => Message | undefined;
}

const defaultSize = 100;
const maxSize = 1000;
/** A message may have 4 MiB; texts are counted in UTF-16 code units, and generously. */
const maxPageSize = 1_048_576;

/** The page that a request asks for. The token is not checked: it names an item of the list. */
export function parseListPage(request: { readonly page_size: number; readonly page_token: string }): ListPage {
  const { page_size: size, page_token: after } = request;
  const limit = size > 0 ? Math.min(size, maxSize) : defaultSize;
  return { limit, ...(after !== "" && { after }) };
}

/** What to ask a store for, so that it shows whether there is another page. */
export function onePast({ limit, after }: ListPage): ListPage {
  return { limit: limit + 1, after };
}

/** A page of `limit` items, of those that come next; fewer where they don't fit into a message, and at least one. */
export function cutPage<Item, Message>(
  items: readonly Item[],
  limit: number,
  { token, message }: ItemForm<Item, Message>,
): MessagePage<Message> {
  const messages: Message[] = [];
  let [size, last] = [0, ""];
  for (const [index, item] of items.entries()) {
    const made = message(item);
    size += made === undefined ? 0 : JSON.stringify(made).length;
    if (index === limit || (size > maxPageSize && index > 0)) return { messages, next: last };
    if (made !== undefined) messages.push(made);
    last = token(item);
  }
  return { messages, next: "" };
}

/** As many of the messages, from the first, as fit into an answer beside others. */
export function fitting<Message>(messages: readonly Message[]): readonly Message[] {
  const form = { token: () => " ", message: (message: Message) => message };
  return cutPage(messages, messages.length, form).messages;
}

/** A page of a list that memory has whole. @throws {StatusError} as `refuseToken` */
export function pageOf<Item, Message>(
  items: readonly Item[],
  { limit, after }: ListPage,
  form: ItemForm<Item, Message>,
): MessagePage<Message> {
  const at = after === undefined ? -1 : items.findIndex((item) => form.token(item) === after);
  if (after !== undefined && at === -1) throw refuseToken();
  return cutPage(items.slice(at + 1), limit, form);
}

/** A token that names nothing (any more): going on would leave out what comes after it. INVALID_ARGUMENT, code PAGE_TOKEN_UNKNOWN */
export function refuseToken(): StatusError {
  return taskRefusal(status.INVALID_ARGUMENT, {
    code: "PAGE_TOKEN_UNKNOWN",
    message: "the page token names nothing in this list",
    hint: "list again from the start",
  });
}
