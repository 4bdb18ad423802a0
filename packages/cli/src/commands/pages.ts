// SPDX-License-Identifier: Apache-2.0
import { CliFailure } from "../failure.ts";

/** Which page of a list is asked for. */
export interface PageRequest {
  readonly page_size: number;
  readonly page_token: string;
}

const pageSize = 1000;

/** A list, page by page. @throws {CliFailure} BAD_ANSWER when it does not go on */
export async function* pagesOf<P extends { readonly next_page_token: string }>(
  read: (page: PageRequest) => Promise<P>,
): AsyncGenerator<P, void, undefined> {
  let page_token = "";
  do {
    const page = await read({ page_size: pageSize, page_token });
    yield page;
    if (page.next_page_token !== "" && page.next_page_token === page_token)
      throw new CliFailure("BAD_ANSWER", "the server gives the same page of a list again");
    page_token = page.next_page_token;
  } while (page_token !== "");
}

/** All items of a list. @throws as `pagesOf` */
export async function allItems<P extends { readonly next_page_token: string }, T>(
  read: (page: PageRequest) => Promise<P>,
  itemsOf: (page: P) => readonly T[],
): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pagesOf(read)) items.push(...itemsOf(page));
  return items;
}
