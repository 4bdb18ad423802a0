// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { X509Context } from "@mayfly/spiffe-client";
import { workloadCommand } from "../../connect.ts";
import { printJson, printLine, relative, timestamp } from "../../output.ts";

interface Seen {
  readonly serials: ReadonlyMap<string, string>;
  readonly bundles: string;
}

function summary(context: X509Context): Seen {
  const serials = context.svids.map((svid): [string, string] => [
    svid.id.toString(),
    svid.chain[0]?.serialNumber.toString(16) ?? "",
  ]);
  return { serials: new Map(serials), bundles: [...context.bundles].map((bundle) => bundle.toPem()).join("") };
}

/** What an update changed against the one before, in words. */
export function changes(before: Seen | undefined, now: Seen): string[] {
  if (before === undefined) return ["first"];
  const found: string[] = [];
  for (const [id, serial] of now.serials) {
    const old = before.serials.get(id);
    if (old === undefined) found.push(`gained ${id}`);
    else if (old !== serial) found.push("renewed");
  }
  for (const id of before.serials.keys()) if (!now.serials.has(id)) found.push(`lost ${id}`);
  if (before.bundles !== now.bundles) found.push("bundle changed");
  return found.length === 0 ? ["nothing"] : [...new Set(found)];
}

/** `mayfly workload watch`: one line (or JSON document) per update until interrupted. */
export function workloadWatch(): Command {
  const command = new Command("watch").description("one line per update: time, id, serial, end, what changed");
  return workloadCommand(command, "mayfly workload watch --output json", async (client, _options, format, signal) => {
    let before: Seen | undefined;
    for await (const context of client.watchX509Context({ signal })) {
      const now = summary(context);
      const changed = changes(before, now);
      before = now;
      const at = new Date().toISOString();
      for (const svid of context.svids) {
        const serial = now.serials.get(svid.id.toString()) ?? "";
        const end = svid.notAfter.getTime() / 1000;
        if (format === "json")
          printJson({
            time: at,
            spiffe_id: svid.id.toString(),
            serial_number: serial,
            not_after: timestamp(end),
            changed,
          });
        else printLine(`${at}  ${svid.id.toString()}  serial ${serial}  ends ${relative(end)}  ${changed.join(", ")}`);
      }
    }
  });
}
