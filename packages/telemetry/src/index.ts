// SPDX-License-Identifier: Apache-2.0
export { createLogger, silentLogger } from "./create-logger.ts";
export type { Fields, Logger, LogLevel } from "./logger.ts";
export { redact } from "./redact.ts";
