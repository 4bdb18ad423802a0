// SPDX-License-Identifier: Apache-2.0
export { createDispatcher } from "./transports/undici/create-dispatcher.ts";
export { createFetch } from "./transports/undici/create-fetch.ts";
export type { DispatcherOptions } from "./transports/undici/dispatcher-options.ts";
