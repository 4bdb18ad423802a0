// SPDX-License-Identifier: Apache-2.0
import type { SetLogLevelRequest } from "@mayfly/rpc";
import type { Logger, LogLevel } from "@mayfly/telemetry";
import { type Handlers, unary } from "../handler.ts";
import { invalidArgument } from "../wire/refusal.ts";

/** Our level for each of the protocol's. */
const levels: Readonly<Record<string, LogLevel>> = {
  PANIC: "error",
  FATAL: "error",
  ERROR: "error",
  WARN: "warn",
  INFO: "info",
  DEBUG: "debug",
  TRACE: "debug",
};

/** Reads and sets the level of `logger`, and remembers which of the protocol's finer levels was asked for. */
export function loggerHandlers(logger: Logger): Handlers {
  const launch = logger.level.toUpperCase();
  let current = launch;
  const answer = (): Promise<object> => Promise.resolve({ current_level: current, launch_level: launch });
  const set = (name: string, level: LogLevel): Promise<object> => {
    current = name;
    logger.level = level;
    return answer();
  };
  return {
    GetLogger: unary(answer),
    SetLogLevel: unary(({ new_level: name }: SetLogLevelRequest) => {
      if (name === "UNSPECIFIED") throw invalidArgument("newLevel value cannot be LogLevel_UNSPECIFIED");
      const level = levels[name];
      if (level === undefined) throw invalidArgument("unsupported log level");
      return set(name, level);
    }),
    ResetLogLevel: unary(() => set(launch, levels[launch] ?? "info")),
  };
}
