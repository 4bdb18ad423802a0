// SPDX-License-Identifier: Apache-2.0
// Asks the broker for a credential with a statement that somebody else was given.
import { leaseFromBroker } from "@mayfly/broker/client";
import { exact } from "@mayfly/spiffe-client";
import { obeyOrder, type Order } from "./obey-order.ts";

interface PresentOrder extends Order {
  readonly broker: { readonly host: string; readonly port: number; readonly id: string };
  readonly target: string;
  readonly statement: string;
}

await obeyOrder(async (order, source) => {
  const { broker, target, statement } = order as PresentOrder;
  const { host, port, id } = broker;
  const { user } = await leaseFromBroker({ source, authorize: exact(id), host, port }, { statement, target });
  return { text: `a login as ${user}` };
});
