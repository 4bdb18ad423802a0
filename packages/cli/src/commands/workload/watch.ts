// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { X509Context } from "@mayfly/spiffe-client";
import { reportWarning } from "../../failure.ts";
import { printJson, printLine, timestamp } from "../../output.ts";
import { workloadCommand } from "../command.ts";
import { serialText } from "./svid-print.ts";

interface Seen {
  readonly serials: ReadonlyMap<string, string>;
  readonly bundles: string;
}

function summary(context: X509Context): Seen {
  const serials = context.svids.map((svid): [string, string] => [
    `${svid.id.toString()} ${svid.hint}`,
    serialText(svid),
  ]);
  return { serials: new Map(serials), bundles: [...context.bundles].map((bundle) => bundle.toPem()).join("") };
}

/** What an update changed for one identity against the update before, in words. */
function changesOf(key: string, before: Seen | undefined, now: Seen): string[] {
  if (before === undefined) return ["first"];
  const old = before.serials.get(key);
  const found: string[] = [];
  if (old === undefined) found.push("gained");
  else if (old !== now.serials.get(key)) found.push("renewed");
  if (before.bundles !== now.bundles) found.push("bundle changed");
  return found.length === 0 ? ["nothing"] : found;
}

/** `mayfly workload watch`: one line (or JSON document) per update and identity until interrupted. */
export function workloadWatch(): Command {
  const command = new Command("watch").description("one line per update: time, id, serial, end, what changed");
  return workloadCommand(command, "mayfly workload watch --output json", async (client, { format, signal }) => {
    let before: Seen | undefined;
    for await (const context of client.watchX509Context({ signal, onError: reportWarning })) {
      const now = summary(context);
      const time = new Date().toISOString();
      for (const svid of context.svids) {
        const spiffe_id = svid.id.toString();
        const serial_number = serialText(svid);
        const end = Math.floor(svid.notAfter.getTime() / 1000);
        const changed = changesOf(`${spiffe_id} ${svid.hint}`, before, now);
        if (format === "json") printJson({ time, spiffe_id, serial_number, not_after: timestamp(end), changed });
        else printLine(`${time}  ${spiffe_id}  ${serial_number}  until ${timestamp(end) ?? ""}  ${changed.join(", ")}`);
      }
      for (const key of before?.serials.keys() ?? []) {
        const [spiffe_id = ""] = key.split(" ");
        if (now.serials.has(key)) continue;
        if (format === "json") printJson({ time, spiffe_id, serial_number: null, not_after: null, changed: ["lost"] });
        else printLine(`${time}  ${spiffe_id}  lost`);
      }
      before = now;
    }
    signal.throwIfAborted();
  });
}
