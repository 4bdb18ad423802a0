// SPDX-License-Identifier: Apache-2.0

/** From most to least talkative. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Details of an event, in snake_case. Values may be anything: what goes out passes `redact`; undefined ones are left out. */
export type Fields = Readonly<Record<string, unknown>>;

/** Writes one line for each event. Never throws and never waits. */
export interface Logger {
  /** The least level that is written. One setting for a logger and all its children, old and new. */
  level: LogLevel;
  /** @param event stable snake_case name of what happened: people and alarms search for it */
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
  /** A logger that adds `fields` to every line. */
  child(fields: Fields): Logger;
}
