// SPDX-License-Identifier: Apache-2.0
import { Command, InvalidArgumentError, Option } from "commander";
import { StatusError } from "@mayfly/rpc";
import { targetOf } from "../../../channel.ts";
import { CliFailure } from "../../../failure.ts";
import { interruptSignal } from "../../../interrupt.ts";
import type { OutputFormat } from "../../../output.ts";
import { callFailure } from "../../../status.ts";
import { duration } from "../../../values.ts";
import { outputOf, socketOption, withExample } from "../../command.ts";
import { judgeAll, judgeSilence } from "./all-rows.ts";
import { Endpoint } from "./endpoint.ts";
import { firstContact, observe } from "./observe.ts";
import { code } from "./outcome.ts";
import { printReport } from "./report.ts";
import type { JudgedRow } from "./row.ts";
import { speaksTls } from "./tls-probe.ts";

interface ConformanceOptions {
  readonly socket: string;
  readonly audience: string;
  readonly wait: number;
  readonly timeout: number;
}

/** Seconds up to an hour: a watch is for rotations, not for ever. */
function upToAnHour(text: string): number {
  const seconds = duration(text);
  if (seconds < 1 || seconds > 3600) throw new InvalidArgumentError("from 1s to 1h");
  return seconds;
}

function audience(text: string): string {
  if (text === "") throw new InvalidArgumentError("an audience is not empty");
  return text;
}

function waitOption(): Option {
  const words = "how long streams are watched: rows about pushes need a rotation in it";
  return new Option("--wait <duration>", words).argParser(upToAnHour).default(1, "1s");
}

async function verdicts(endpoint: Endpoint, options: ConformanceOptions): Promise<JudgedRow[]> {
  const silence = await firstContact(endpoint);
  if (silence === undefined)
    return judgeAll(await observe(endpoint, { audience: options.audience, waitMs: options.wait * 1000 }));
  const { who, place } = endpoint.target;
  if (silence.kind === "status" && (silence.code === code.unavailable || silence.code === code.deadlineExceeded)) {
    const failure = await callFailure(new StatusError(silence.code, silence.text), who, place);
    if (failure.code === "AGENT_UNREACHABLE") throw failure;
  }
  return judgeSilence(silence, await speaksTls(endpoint.target, endpoint.timeoutMs));
}

async function run(options: ConformanceOptions, format: OutputFormat): Promise<void> {
  const signal = interruptSignal();
  const target = targetOf("agent", options.socket);
  using endpoint = new Endpoint(target, { timeoutMs: options.timeout * 1000, signal });
  const rows = await verdicts(endpoint, options);
  printReport(target.place, rows, format);
  const failed = rows.filter(({ verdict }) => verdict === "fail");
  if (failed.length === 0) return;
  const ids = [...new Set(failed.map(({ id }) => id))].join(", ");
  throw new CliFailure("NOT_CONFORMANT", `${failed.length} rows with a MUST are broken: ${ids}`);
}

/** `mayfly workload conformance`: any Workload API against the standard; exit 1 when a MUST is broken. */
export function workloadConformance(): Command {
  const command = new Command("conformance")
    .description("check any Workload API against the SPIFFE standard; exit 1 when a MUST is broken")
    .addOption(socketOption())
    .option("--audience <name>", "audience of the JWT-SVIDs that are fetched and validated", audience, "conformance")
    .addOption(waitOption())
    .addOption(new Option("--timeout <duration>", "for each call").argParser(upToAnHour).default(5, "5s"));
  const example = "mayfly workload conformance --socket unix:///run/mayfly/agent/workload.sock --wait 5m";
  return withExample(command, example).action((options: ConformanceOptions, self: Command) =>
    run(options, outputOf(self)),
  );
}
