// SPDX-License-Identifier: Apache-2.0
import { text } from "node:stream/consumers";
import type { X509Svid } from "@mayfly/spiffe";
import { X509Source } from "@mayfly/spiffe-client";
import { describeError } from "../bot/describe-error.ts";

/** What every order says. */
export interface Order {
  readonly workload_socket: string;
  /** Which identity of the account to use. */
  readonly spiffe_id: string;
}

/** Reads the order from stdin, does it with the account's identity, and prints what came of it. */
export async function obeyOrder(act: (order: Order, source: X509Source) => Promise<object>): Promise<void> {
  const order = JSON.parse(await text(process.stdin)) as Order;
  await using source = await X509Source.open({
    address: `unix://${order.workload_socket}`,
    select: (svids) => endsFirst(svids.filter(({ id }) => id.toString() === order.spiffe_id)),
    signal: AbortSignal.timeout(10_000),
  });
  const done = await act(order, source).catch((error: unknown) => ({ error: describeError(error) }));
  process.stdout.write(JSON.stringify(done));
}

function endsFirst(svids: readonly X509Svid[]): X509Svid | undefined {
  return svids.toSorted((a, b) => a.notAfter.getTime() - b.notAfter.getTime())[0];
}
