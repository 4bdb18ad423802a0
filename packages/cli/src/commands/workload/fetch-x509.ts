// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { Command } from "commander";
import { writeFiles } from "../../files.ts";
import { printJson, printLine } from "../../output.ts";
import { workloadCommand } from "../command.ts";
import { svidFiles } from "./svid-files.ts";
import { printSvid, svidJson } from "./svid-print.ts";

interface FetchOptions {
  readonly write?: string;
}

/** `mayfly workload fetch x509`. */
export function fetchX509(): Command {
  const command = new Command("x509")
    .description("fetch the X.509-SVIDs of this process")
    .option("--write <dir>", "write svid.N.pem, svid.N.key and bundle.N.pem there");
  const example = "mayfly workload fetch x509 --write /run/web";
  return workloadCommand<FetchOptions>(command, example, async (client, { options, format, signal }) => {
    const context = await client.fetchX509Context({ signal });
    const written = options.write === undefined ? undefined : writeFiles(options.write, svidFiles(context));
    if (format === "json") return printJson({ svids: context.svids.map(svidJson), ...(written && { written }) });
    for (const [index, svid] of context.svids.entries()) {
      if (index > 0) printLine("");
      printSvid(svid);
    }
    for (const name of written ?? []) printLine(`wrote ${join(options.write ?? "", name)}`);
  });
}
