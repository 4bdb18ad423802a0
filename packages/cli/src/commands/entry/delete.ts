// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { usageFailure } from "../../failure.ts";
import { printJson, printLine } from "../../output.ts";
import { plain, repeated } from "../../values.ts";
import { batchFailure } from "../batch.ts";
import { serverCommand } from "../command.ts";

interface DeleteOptions {
  readonly entryId?: readonly string[];
}

/** `mayfly entry delete`. */
export function entryDelete(): Command {
  const command = new Command("delete")
    .description("delete entries; their streams end within a second")
    .argument("[entry-id...]", "ids of the entries")
    .option("--entry-id <id>", "id of an entry; repeatable", repeated(plain));
  return serverCommand<DeleteOptions>(
    command,
    "mayfly entry delete 3f2a…",
    async (server, { options, format, argument }) => {
      const ids = [...(argument as readonly string[]), ...(options.entryId ?? [])];
      if (ids.length === 0) throw usageFailure("which entry? give its id");
      const { results } = await server.call("entry", "BatchDeleteEntry", { ids });
      const deleted = results.filter((result) => result.status?.code === 0).map((result) => result.id);
      if (format === "json") printJson({ deleted });
      else for (const id of deleted) printLine(`deleted ${id}`);
      const failure = batchFailure(results.map((result) => ({ status: result.status, what: result.id })));
      if (failure !== undefined) throw failure;
    },
  );
}
