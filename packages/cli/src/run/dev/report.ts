// SPDX-License-Identifier: Apache-2.0
import { type OutputFormat, printJson, printLine, printRecord } from "../../output.ts";
import type { Progress } from "../../progress.ts";
import type { DevEvent } from "./events.ts";

type EventOf<Name extends DevEvent["event"]> = Extract<DevEvent, { event: Name }>;

/** Shows the tour. */
export interface DevReporter {
  /** One step that is done. */
  show(event: DevEvent): void;
  /** What is being waited for; shown on a terminal only, and gone with the next step. */
  wait(what: string): void;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function heading(number: number, title: string, aside: string): void {
  printLine("");
  printLine([`${number}  ${title}`, "bold"], "  ", [aside, "dim"]);
}

/** Labelled lines, indented under a heading. */
function facts(rows: readonly (readonly [label: string, value: string])[]): void {
  printRecord(rows.map(([label, value]) => [`   ${label}`, value]));
}

function showStarted(event: EventOf<"started">): void {
  printLine(["mayfly dev", "bold"], "  a throw-away trust domain: fresh authorities in memory, nothing installed");
  printLine("");
  facts([
    ["Trust domain", event.trust_domain],
    ["Directory", event.directory],
    ["Server", event.server_address],
    ["Admin socket", event.server_socket],
    ["Workload API", `unix://${event.workload_socket}`],
    ["Agent", "attested with a one-time token that pins the server, as"],
    [" ", event.agent_id],
  ]);
}

function showSvid(event: EventOf<"first_svid">): void {
  heading(1, "A process gets an identity", `${seconds(event.milliseconds)} after the start`);
  facts([
    ["Process", `pid ${event.pid} runs ${event.executable} (so says the kernel)`],
    ["SPIFFE ID", event.spiffe_id],
    ["Serial", event.serial_number],
    ["Key", `${event.key}, made for it and never on disk`],
    ["Valid", `${event.not_before} to ${event.not_after}`],
    ["Authority", event.authority],
  ]);
}

function showMtls(event: EventOf<"mtls">): void {
  heading(2, "Two processes talk mTLS", `${event.protocol}, ${event.cipher}, ${event.milliseconds} ms`);
  facts([
    [`pid ${event.client_pid} saw`, event.peer],
    [`pid ${event.server_pid} saw`, `${event.seen.spiffe_id}, serial ${event.seen.serial_number}`],
  ]);
}

function showRotation(event: EventOf<"rotation">): void {
  heading(3, "The SVID rotates by itself", `after ${seconds(event.milliseconds)}, nothing restarted`);
  facts([
    ["Before", `serial ${event.old_serial_number}`],
    ["After", `serial ${event.new_serial_number}`],
    ["Next mTLS", `the other side saw serial ${event.seen_serial_number}`],
  ]);
}

function showNext(event: EventOf<"next">): void {
  printLine("");
  printLine(["Try next, in another terminal", "bold"]);
  for (const [name, value] of Object.entries(event.environment)) printLine(["   export ", "dim"], `${name}=${value}`);
  for (const command of event.commands) printLine(["   $ ", "dim"], command);
  printLine("");
  printLine(["A task of an AI agent, in this order", "bold"]);
  for (const command of event.task_commands) printLine(["   $ ", "dim"], command);
}

function showDone(event: EventOf<"done">): void {
  printLine("");
  printLine([`Tour done in ${seconds(event.milliseconds)}.`, "green"], event.stays ? " Ctrl-C ends everything." : "");
}

function showText(event: DevEvent): void {
  switch (event.event) {
    case "started":
      return showStarted(event);
    case "first_svid":
      return showSvid(event);
    case "mtls":
      return showMtls(event);
    case "rotation":
      return showRotation(event);
    case "next":
      return showNext(event);
    case "done":
      return showDone(event);
  }
}

/** The reporter of an output format. */
export function devReporter(format: OutputFormat, progress: Progress): DevReporter {
  const print = format === "json" ? printJson : showText;
  return {
    show: (event) => {
      progress.clear();
      print(event);
    },
    wait: (what) => progress.show(`   … ${what}`),
  };
}
