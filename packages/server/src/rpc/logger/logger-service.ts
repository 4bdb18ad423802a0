// SPDX-License-Identifier: Apache-2.0
import type { EnumValue, LoggerMessage, LoggerMethods, LogLevelName } from "@mayfly/rpc";
import type { Logger, LogLevel } from "@mayfly/telemetry";
import type { GuardedHandlers } from "../call.ts";
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
export function loggerHandlers(logger: Logger): GuardedHandlers<LoggerMethods> {
  const launch = logger.level.toUpperCase() as LogLevelName;
  let current: EnumValue<LogLevelName> = launch;
  const answer = (): Promise<LoggerMessage> => {
    // A reload of the configuration sets the level, too.
    if (levels[current] !== logger.level) current = logger.level.toUpperCase() as LogLevelName;
    return Promise.resolve({ current_level: current, launch_level: launch });
  };
  const set = (name: EnumValue<LogLevelName>, level: LogLevel): Promise<LoggerMessage> => {
    current = name;
    logger.level = level;
    return answer();
  };
  return {
    GetLogger: answer,
    SetLogLevel: ({ new_level: name }) => {
      if (name === "UNSPECIFIED") throw invalidArgument("newLevel value cannot be LogLevel_UNSPECIFIED");
      const level = levels[name];
      if (level === undefined) throw invalidArgument("unsupported log level");
      return set(name, level);
    },
    ResetLogLevel: () => set(launch, levels[launch] ?? "info"),
  };
}
