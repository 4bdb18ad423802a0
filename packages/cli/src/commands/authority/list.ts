// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { ServerConnection } from "../../connection.ts";
import { printJson, printTable, relative, timestamp } from "../../output.ts";
import { serverCommand } from "../command.ts";
import { type AuthorityKind, kindArgument } from "./kind.ts";

const slots = ["active", "prepared", "old"] as const;

interface Row {
  readonly kind: AuthorityKind;
  readonly slot: string;
  readonly authority_id: string;
  readonly expires_at: string | null;
}

async function rowsOf(server: ServerConnection, kind: AuthorityKind): Promise<Row[]> {
  const method = kind === "x509" ? "GetX509AuthorityState" : "GetJWTAuthorityState";
  const state = await server.call("localAuthority", method, {});
  return slots.flatMap((slot) => {
    const authority = state[slot];
    if (!authority) return [];
    return [{ kind, slot, authority_id: authority.authority_id, expires_at: timestamp(authority.expires_at) ?? null }];
  });
}

/** `mayfly authority list`. */
export function authorityList(): Command {
  const command = new Command("list")
    .description("show the slots of the signing authorities, of both kinds when none is named")
    .addArgument(kindArgument(false));
  return serverCommand(command, "mayfly authority list x509", async (server, { format, argument }) => {
    const kinds = argument === undefined ? (["x509", "jwt"] as const) : [argument as AuthorityKind];
    const rows: Row[] = [];
    for (const kind of kinds) rows.push(...(await rowsOf(server, kind)));
    if (format === "json") return printJson({ authorities: rows });
    printTable(
      ["KIND", "SLOT", "AUTHORITY ID", "ENDS"],
      rows.map((row) => [
        row.kind,
        row.slot,
        row.authority_id,
        row.expires_at === null ? "never" : relative(Date.parse(row.expires_at) / 1000),
      ]),
    );
  });
}
