// SPDX-License-Identifier: Apache-2.0
export { BrokerRefusal } from "./client/broker-refusal.ts";
export type { BrokeredStream } from "./client/brokered-stream.ts";
export {
  type BrokerAddress,
  type BrokerRequest,
  cancelAtBroker,
  connectThroughBroker,
  endLeaseAtBroker,
  leaseFromBroker,
  type LeasedCredential,
} from "./client/connect-through-broker.ts";
