// SPDX-License-Identifier: Apache-2.0
import { type Command, Option } from "commander";
import type { WorkloadApiClient } from "@mayfly/spiffe-client";
import type { ServerConnection } from "../connection.ts";
import { connectServer, withConnection } from "../connect.ts";
import { interruptSignal } from "../interrupt.ts";
import { defaultSockets } from "../locations.ts";
import type { OutputFormat } from "../output.ts";

/** `--server-socket`. */
export function serverSocketOption(): Option {
  return new Option("--server-socket <path>", "admin socket of the server")
    .env("MAYFLY_SERVER_SOCKET")
    .default(defaultSockets().server);
}

/** `--socket`. */
export function socketOption(): Option {
  return new Option("--socket <path>", "Workload API socket, a path or unix:///…")
    .env("SPIFFE_ENDPOINT_SOCKET")
    .default(defaultSockets().workload);
}

/** `--output` of a command, from itself or the program. */
export function outputOf(command: Command): OutputFormat {
  return command.optsWithGlobals<{ output?: OutputFormat }>().output ?? "text";
}

/** Adds an example to a command's help. */
export function withExample(command: Command, example: string): Command {
  return command.addHelpText("after", `\nExample:\n  ${example}`);
}

/** What an action is given besides its channel. */
export interface Invocation<O> {
  readonly options: O;
  readonly format: OutputFormat;
  /** The first argument: text, or a list where it is variadic; undefined when there is none. */
  readonly argument: unknown;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** What an action is given, from what commander gives. */
export function invocation<O>(parameters: readonly unknown[]): Invocation<O> {
  return {
    options: parameters.at(-2) as O,
    format: outputOf(parameters.at(-1) as Command),
    argument: parameters.length > 2 ? parameters[0] : undefined,
    signal: interruptSignal(),
  };
}

/** Makes a command that talks to the server's admin socket. */
export function serverCommand<O extends object = Record<string, never>>(
  command: Command,
  example: string,
  action: (server: ServerConnection, invocation: Invocation<O>) => Promise<void> | void,
): Command {
  return withExample(command.addOption(serverSocketOption()), example).action(async (...parameters: unknown[]) => {
    const self = invocation<O & { serverSocket: string }>(parameters);
    await withConnection(connectServer(self.options.serverSocket, self.signal), async (server) => action(server, self));
  });
}

/** Makes a command that talks to a Workload API. */
export function workloadCommand<O extends object = Record<string, never>>(
  command: Command,
  example: string,
  action: (client: WorkloadApiClient, invocation: Invocation<O>) => Promise<void> | void,
): Command {
  return withExample(command.addOption(socketOption()), example).action(async (...parameters: unknown[]) => {
    const self = invocation<O & { socket: string }>(parameters);
    const { withWorkloadApi } = await import("../workload-api.ts");
    await withWorkloadApi(self.options.socket, self.signal, (client) => action(client, self));
  });
}
