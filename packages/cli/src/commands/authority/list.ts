// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { AuthorityStateMessage, AuthorityStateResponse } from "@mayfly/rpc";
import { serverCommand } from "../../connect.ts";
import { printJson, printTable, relative, timestamp } from "../../output.ts";
import { authorityMethod, kindArgument, type AuthorityKind } from "./kind.ts";

const slots = ["active", "prepared", "old"] as const;

/** `mayfly authority list`. */
export function authorityList(): Command {
  const command = new Command("list")
    .description("show the slots of the signing authorities")
    .addArgument(kindArgument());
  return serverCommand(command, "mayfly authority list x509", async (server, _options, format, kind) => {
    const state = await server.call<AuthorityStateResponse>(
      "localAuthority",
      authorityMethod("Get", kind as AuthorityKind),
      {},
    );
    const rows = slots.flatMap((slot) => {
      const authority: AuthorityStateMessage | null | undefined = state[slot];
      return authority
        ? [
            {
              slot,
              authority_id: authority.authority_id,
              expires_at: timestamp(authority.expires_at) ?? null,
              at: authority.expires_at,
            },
          ]
        : [];
    });
    if (format === "json") return printJson({ authorities: rows.map(({ at: _at, ...row }) => row) });
    printTable(
      ["SLOT", "AUTHORITY ID", "ENDS"],
      rows.map((row) => [row.slot, row.authority_id, relative(row.at)]),
    );
  });
}
