// SPDX-License-Identifier: Apache-2.0
import type { IssuedX509, Signer, X509Request } from "@mayfly/ca";
import type { StatusMessage } from "@mayfly/rpc";
import { itemStatus } from "../rpc/wire/batch.ts";

/** What came of one item. */
export type IssueOutcome = { readonly issued: IssuedX509 } | { readonly status: StatusMessage };

type Prepared = { readonly request: X509Request } | { readonly status: StatusMessage };

/** Checks every item on its own, then signs all good ones at once: one durable intent for the batch. */
export async function issueBatch<T>(
  signer: Signer,
  items: readonly T[],
  prepare: (item: T) => Promise<X509Request>,
): Promise<readonly IssueOutcome[]> {
  const prepared = await Promise.all(
    items.map(async (item): Promise<Prepared> => {
      try {
        return { request: await prepare(item) };
      } catch (error) {
        return { status: itemStatus(error) };
      }
    }),
  );
  const requests = prepared.flatMap((each) => ("request" in each ? [each.request] : []));
  const issued = requests.length === 0 ? [] : await signer.issueX509(requests);
  const queue = issued.values();
  return prepared.map((each) => ("request" in each ? { issued: takeNext(queue) } : each));
}

function takeNext(queue: IterableIterator<IssuedX509>): IssuedX509 {
  const { done, value } = queue.next();
  if (done === true) throw new TypeError("the signer answers every request");
  return value;
}
