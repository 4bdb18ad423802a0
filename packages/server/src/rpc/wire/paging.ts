// SPDX-License-Identifier: Apache-2.0
import type { PageRequest } from "@mayfly/registration";

/** A page token that is no row id. */
export class PageTokenError extends Error {
  constructor(token: string) {
    super(`could not parse token '${token}'`);
  }
}

/** Without a size the token does not count, however malformed. @throws {PageTokenError} */
export function parsePage(request: { readonly page_size: number; readonly page_token: string }): PageRequest {
  const { page_size: size, page_token: token } = request;
  if (size <= 0) return { pageSize: 0 };
  if (token === "") return { pageSize: size };
  const after = /^[0-9]+$/.test(token) ? Number(token) : Number.NaN;
  if (!(after < 2 ** 32)) throw new PageTokenError(token);
  return { pageSize: size, after };
}

/** The token of the next page; empty when there was nothing on this one. */
export function nextPageToken(page: { readonly last?: number | undefined }): string {
  return page.last === undefined ? "" : String(page.last);
}
