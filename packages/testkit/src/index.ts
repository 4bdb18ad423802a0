// SPDX-License-Identifier: Apache-2.0
export { datastoreContract } from "./contract/datastore.ts";
export { taskStoresContract } from "./contract/tasks.ts";
export { guardStoresContract } from "./contract/guards.ts";
export type { GuardStores, OpenGuardStores } from "./contract/guard-stores.ts";
export { logStoreContract, type OpenLogStore } from "./contract/log-store.ts";
export type { OpenTaskStores, TaskStores } from "./contract/task-stores.ts";
export { contractTrustDomain, type OpenStores, type Stores } from "./contract/stores.ts";
export { expectCode, type CodedError } from "./expect-code.ts";
export type { FakeBundles, FakeX509State, FakeX509Svid } from "./fake-workload-api/fake-state.ts";
export {
  type FakeCall,
  type FakeStatus,
  type FakeStream,
  FakeWorkloadApi,
  noIdentity,
  type StreamScript,
  type UnaryAnswer,
} from "./fake-workload-api/fake-workload-api.ts";
export type { WireMessage } from "./fake-workload-api/wire-definitions.ts";
export { ManualClock } from "./manual-clock.ts";
export { OtlpReceiver } from "./otlp/otlp-receiver.ts";
export type { ReceivedSpan } from "./otlp/read-spans.ts";
export { TestCa, type TestCaOptions, type TestIdentity } from "./test-ca/test-ca.ts";
export type { TestKeys } from "./test-ca/certificate.ts";
export { type PostgresLogin, TestPostgres, type TestPostgresOptions } from "./postgres/test-postgres.ts";
export { assertHolds, attempt, type FuzzTarget, isTaken } from "./fuzz/fuzz-target.ts";
export { generator, mutate } from "./fuzz/mutate.ts";
export { fuzzContract } from "./fuzz/fuzz-contract.ts";
export { fuzzProgram } from "./fuzz/fuzz-program.ts";
