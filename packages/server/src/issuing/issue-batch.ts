// SPDX-License-Identifier: Apache-2.0
import type { IssuedX509, Signer, X509Request } from "@mayfly/ca";
import type { StatusMessage } from "@mayfly/rpc";
import { isRefusedRequest } from "../rpc/status.ts";
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
  const outcomes = (await sign(signer, requests)).values();
  return prepared.map((each) => ("request" in each ? takeNext(outcomes) : each));
}

async function sign(signer: Signer, requests: readonly X509Request[]): Promise<readonly IssueOutcome[]> {
  if (requests.length === 0) return [];
  try {
    const issued = await signer.issueX509(requests);
    return issued.map((each) => ({ issued: each }));
  } catch (error) {
    if (!isRefusedRequest(error)) throw error;
    if (requests.length === 1) return [{ status: itemStatus(error) }];
    // The signer refuses a batch for one of its requests: find out which.
    return (await Promise.all(requests.map((request) => sign(signer, [request])))).flat();
  }
}

function takeNext(outcomes: IterableIterator<IssueOutcome>): IssueOutcome {
  const { done, value } = outcomes.next();
  if (done === true) throw new TypeError("the signer answers every request");
  return value;
}
