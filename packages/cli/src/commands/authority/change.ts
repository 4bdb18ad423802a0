// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { AuthorityStateMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { CliFailure } from "../../failure.ts";
import { printJson, printLine } from "../../output.ts";
import { serverCommand } from "../command.ts";
import { type AuthorityKind, authorityMethod, kindArgument } from "./kind.ts";

interface ChangeOptions {
  readonly authorityId?: string;
}

/** One step of a rotation by hand. */
export interface AuthorityChange {
  readonly verb: "prepare" | "activate" | "taint" | "revoke";
  readonly method: "Prepare" | "Activate" | "Taint" | "Revoke";
  readonly past: "prepared" | "activated" | "tainted" | "revoked";
  readonly description: string;
}

/** The four steps, in the order of a forced rotation. */
export const authorityChanges: readonly AuthorityChange[] = [
  { verb: "prepare", method: "Prepare", past: "prepared", description: "make and publish the next authority" },
  {
    verb: "activate",
    method: "Activate",
    past: "activated",
    description: "sign with the prepared authority from now on",
  },
  {
    verb: "taint",
    method: "Taint",
    past: "tainted",
    description: "distrust the old authority: everything under it is issued again",
  },
  { verb: "revoke", method: "Revoke", past: "revoked", description: "take a tainted authority out of the bundle" },
];

type ChangeResponse = Readonly<Partial<Record<`${AuthorityChange["past"]}_authority`, AuthorityStateMessage | null>>>;

/** The authority that a step is about when none is named: the prepared one is activated, the old one tainted and revoked. */
async function concerned(
  server: ServerConnection,
  verb: AuthorityChange["verb"],
  kind: AuthorityKind,
): Promise<string> {
  const state = await server.call(
    "localAuthority",
    kind === "x509" ? "GetX509AuthorityState" : "GetJWTAuthorityState",
    {},
  );
  const slot = verb === "activate" ? "prepared" : "old";
  const authority = state[slot];
  if (!authority) throw new CliFailure("NOT_FOUND", `there is no ${slot} ${kind} authority to ${verb}`);
  return authority.authority_id;
}

/** `mayfly authority prepare|activate|taint|revoke`. */
export function authorityChange(change: AuthorityChange): Command {
  const command = new Command(change.verb).description(change.description).addArgument(kindArgument());
  if (change.verb !== "prepare")
    command.option(
      "--authority-id <id>",
      `which one; default: the ${change.verb === "activate" ? "prepared" : "old"} one`,
    );
  const example = `mayfly authority ${change.verb} x509`;
  return serverCommand<ChangeOptions>(command, example, async (server, { options, format, argument }) => {
    const kind = argument as AuthorityKind;
    const named =
      change.verb === "prepare" ? "" : (options.authorityId ?? (await concerned(server, change.verb, kind)));
    const request = change.verb === "prepare" ? {} : { authority_id: named };
    const response: ChangeResponse = await server.call("localAuthority", authorityMethod(change.method, kind), request);
    const id = response[`${change.past}_authority`]?.authority_id ?? named;
    if (format === "json") printJson({ [change.past]: id, kind });
    else printLine(`${change.past} ${kind} authority ${id}`);
  });
}
