// SPDX-License-Identifier: Apache-2.0
import { createRequire } from "node:module";
import type * as Pino from "pino";
import type { Fields, Logger, LogLevel } from "./logger.ts";
import { redact } from "./redact.ts";
import { textLine } from "./text-line.ts";

type Sink = (level: LogLevel, event: string, fields: Record<string, unknown>) => void;

const weight: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
/** Names that a line has of its own. */
const ownNames = ["level", "time", "event"] as const;

class FamilyLogger implements Logger {
  readonly #family: { level: LogLevel; readonly sink: Sink };
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(family: { level: LogLevel; readonly sink: Sink }, fields: Readonly<Record<string, unknown>>) {
    this.#family = family;
    this.#fields = fields;
  }

  get level(): LogLevel {
    return this.#family.level;
  }

  set level(level: LogLevel) {
    if (weight[level] === undefined) throw new TypeError(`no such log level: ${JSON.stringify(level)}`);
    this.#family.level = level;
  }

  debug(event: string, fields?: Fields): void {
    this.#write("debug", event, fields);
  }

  info(event: string, fields?: Fields): void {
    this.#write("info", event, fields);
  }

  warn(event: string, fields?: Fields): void {
    this.#write("warn", event, fields);
  }

  error(event: string, fields?: Fields): void {
    this.#write("error", event, fields);
  }

  child(fields: Fields): Logger {
    return new FamilyLogger(this.#family, { ...this.#fields, ...safe(fields) });
  }

  #write(level: LogLevel, event: string, fields: Fields | undefined): void {
    if (weight[level] < weight[this.#family.level]) return;
    this.#family.sink(level, event, { ...this.#fields, ...(fields && safe(fields)) });
  }
}

function safe(fields: Fields): Record<string, unknown> {
  const out = redact(fields);
  for (const name of ownNames) {
    if (!(name in out)) continue;
    out[`${name}_`] = out[name];
    delete out[name];
  }
  return out;
}

const load = createRequire(import.meta.url);

function jsonSink(destination: NodeJS.WritableStream): Sink {
  // Loaded here: lines for people need nothing of it.
  const { pino, stdTimeFunctions } = load("pino") as typeof Pino;
  const out = pino(
    {
      level: "debug",
      base: null,
      messageKey: "event",
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return (level, event, fields) => {
    out[level](fields, event);
  };
}

function textSink(destination: NodeJS.WritableStream): Sink {
  return (level, event, fields) => {
    destination.write(textLine(new Date(), level, event, fields));
  };
}

/** A logger that writes to `destination` (default: standard error): lines of JSON (`level`, `time` in ISO 8601, `event`, then the fields) or lines for people. */
export function createLogger(options: {
  level: LogLevel;
  format: "text" | "json";
  destination?: NodeJS.WritableStream | undefined;
}): Logger {
  const { level, format, destination = process.stderr } = options;
  // A log that can't be written (closed pipe, full disk) must not end the process that serves identities.
  if (destination.listenerCount("error") === 0) destination.on("error", () => undefined);
  return new FamilyLogger({ level, sink: format === "json" ? jsonSink(destination) : textSink(destination) }, {});
}

/** Writes nothing: for tests and for libraries that were given no logger. */
export const silentLogger: Logger = new FamilyLogger({ level: "error", sink: () => undefined }, {});
