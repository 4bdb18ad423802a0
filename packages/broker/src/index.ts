// SPDX-License-Identifier: Apache-2.0
export type { AccountOrder, AccountOrders, OrderAnswer } from "./accounts/account-orders.ts";
export { LeaseError, type LeaseErrorCode } from "./errors.ts";
export type { GuardFeed, GuardOrder, GuardReport, TaskStanding } from "./guard/guard-feed.ts";
export { joinServer, type JoinOptions } from "./join-server.ts";
export type { Lease, LeaseMode, LeaseReport, LeaseRequest, LeaseState } from "./lease/lease.ts";
export type { LeaseLedger, UnmanagedAccount } from "./lease/lease-ledger.ts";
export type { AdminLogin, PostgresTargetConfig } from "./postgres/target-config.ts";
export { type Broker, type BrokerOptions, startBroker } from "./start-broker.ts";
