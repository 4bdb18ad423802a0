// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { workloadCommand } from "../../connect.ts";
import { writeFiles } from "../../files.ts";
import { printJson, printLine, printRecord, relative, timestamp } from "../../output.ts";
import { svidFiles, svidJson } from "./svid-files.ts";

interface FetchOptions {
  readonly write?: string;
}

/** `mayfly workload fetch x509`. */
export function fetchX509(): Command {
  const command = new Command("x509")
    .description("fetch the X.509-SVIDs of this process")
    .option("--write <dir>", "write svid.N.pem, svid.N.key and bundle.N.pem there");
  return workloadCommand<FetchOptions>(
    command,
    "mayfly workload fetch x509 --write /run/web",
    async (client, options, format, signal) => {
      const context = await client.fetchX509Context({ signal });
      const written = options.write === undefined ? [] : writeFiles(options.write, svidFiles(context));
      if (format === "json") return printJson({ svids: context.svids.map((svid) => svidJson(svid)), written });
      for (const svid of context.svids) {
        const [leaf] = svid.chain;
        printRecord([
          ["SPIFFE ID", svid.id.toString()],
          ["Serial", leaf === undefined ? "" : leaf.serialNumber.toString(16)],
          ["Hint", svid.hint],
          [
            "Valid",
            `${timestamp(svid.notBefore.getTime() / 1000)} to ${timestamp(svid.notAfter.getTime() / 1000)} (ends ${relative(svid.notAfter.getTime() / 1000)})`,
          ],
        ]);
      }
      for (const name of written) printLine(`wrote ${options.write}/${name}`);
    },
  );
}
