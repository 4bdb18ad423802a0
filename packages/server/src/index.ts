// SPDX-License-Identifier: Apache-2.0
export type { ConfigProblem, RawConfig } from "./config/raw.ts";
export { describeServerConfig, parseServerConfig, type ServerConfig } from "./config/server-config.ts";
export { ServerStateError, type ServerStateErrorCode } from "./errors.ts";
export { type RunningServer, startServer, type StartServerOptions } from "./start-server.ts";
