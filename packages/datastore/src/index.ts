// SPDX-License-Identifier: Apache-2.0
export { type Datastore, type DatastoreOptions, openDatastore } from "./datastore.ts";
export { StoreError, type StoreErrorCode } from "./errors.ts";
export type { RecordStore } from "./record/record-store.ts";
