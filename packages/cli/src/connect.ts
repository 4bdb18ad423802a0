// SPDX-License-Identifier: Apache-2.0
import { Option, type Command } from "commander";
import type { WorkloadApiClient } from "@mayfly/spiffe-client";
import { CliFailure, exitCode } from "./failure.ts";
import { defaults } from "./locations.ts";
import type { OutputFormat } from "./output.ts";
import type { SpiffeIdMessage } from "./values.ts";

/** Services that the command line calls, by short name. */
export type ServiceName =
  | "agent"
  | "entry"
  | "bundle"
  | "svid"
  | "localAuthority"
  | "health"
  | "admin"
  | "introspection";

/** An open channel. */
export interface Connection extends AsyncDisposable {
  /** One unary call. @throws CliFailure */
  call<Response>(service: ServiceName, method: string, request: object): Promise<Response>;
}

export interface ServerConnection extends Connection {
  /** SPIFFE ID of the server: the parent of entries that name groups of nodes. */
  serverId(): Promise<SpiffeIdMessage>;
}

/** `--server-socket`. */
export function serverSocketOption(): Option {
  return new Option("--server-socket <path>", "admin socket of the server")
    .env("MAYFLY_SERVER_SOCKET")
    .default(defaults.serverSocket);
}

/** `--socket`. */
export function socketOption(): Option {
  return new Option("--socket <path>", "Workload API socket, a path or unix:///…")
    .env("SPIFFE_ENDPOINT_SOCKET")
    .default(defaults.workloadSocket);
}

/** `--output` of a command, from itself or the program. */
export function outputOf(command: Command): OutputFormat {
  return command.optsWithGlobals<{ output?: OutputFormat }>().output ?? "text";
}

/** Uses a connection and closes it. */
export async function withConnection<C extends Connection, T>(
  opening: Promise<C>,
  use: (connection: C) => Promise<T>,
): Promise<T> {
  await using connection = await opening;
  return await use(connection);
}

/** Opens the admin socket of a server. */
export async function connectServer(path: string = defaults.serverSocket): Promise<ServerConnection> {
  const { openServer } = await import("./channel.ts");
  return openServer(path);
}

/** Opens an agent's Workload API socket for calls beside the Workload API. */
export async function connectWorkload(address: string = defaults.workloadSocket): Promise<Connection> {
  const { openWorkload } = await import("./channel.ts");
  return openWorkload(workloadAddress(address));
}

/** `unix:///path` of a path; addresses stay as they are. */
export function workloadAddress(text: string): string {
  return text.startsWith("/") ? `unix://${text}` : text;
}

type ServerAction<O> = (
  server: ServerConnection,
  options: O,
  format: OutputFormat,
  argument: unknown,
) => Promise<void> | void;

/** Makes a command that talks to the server's admin socket. */
export function serverCommand<O extends object = Record<string, never>>(
  command: Command,
  example: string,
  action: ServerAction<O>,
): Command {
  return command
    .addOption(serverSocketOption())
    .addHelpText("after", `\nExample:\n  ${example}`)
    .action(async (...parameters: unknown[]) => {
      const self = parameters.at(-1) as Command;
      const options = parameters.at(-2) as O & { serverSocket: string };
      const argument = parameters.length > 2 ? parameters[0] : undefined;
      await withConnection(connectServer(options.serverSocket), async (server) =>
        action(server, options, outputOf(self), argument),
      );
    });
}

type WorkloadAction<O> = (
  client: WorkloadApiClient,
  options: O,
  format: OutputFormat,
  signal: AbortSignal,
  argument: unknown,
) => Promise<void> | void;

/** Makes a command that talks to a Workload API; SIGINT and SIGTERM abort the signal that it gets. */
export function workloadCommand<O extends object = Record<string, never>>(
  command: Command,
  example: string,
  action: WorkloadAction<O>,
): Command {
  return command
    .addOption(socketOption())
    .addHelpText("after", `\nExample:\n  ${example}`)
    .action(async (...parameters: unknown[]) => {
      const self = parameters.at(-1) as Command;
      const options = parameters.at(-2) as O & { socket: string };
      const argument = parameters.length > 2 ? parameters[0] : undefined;
      const { withWorkloadApi } = await import("./channel.ts");
      await withWorkloadApi(workloadAddress(options.socket), (client, signal) =>
        action(client, options, outputOf(self), signal, argument),
      );
    });
}

const statusNames = [
  "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
  "UNAUTHENTICATED",
]; // biome-ignore format: a table

/** Name of a gRPC status code. */
export function statusName(code: number): string {
  return statusNames[code] ?? `STATUS_${code}`;
}

/** The failure of a socket that nobody answers on. */
export function unreachable(who: "server" | "agent", address: string, cause: unknown): CliFailure {
  const hint =
    who === "server"
      ? "is `mayfly server run` up? --server-socket or MAYFLY_SERVER_SOCKET names another socket"
      : "is `mayfly agent run` up? --socket or SPIFFE_ENDPOINT_SOCKET names another socket";
  return new CliFailure(`${who.toUpperCase()}_UNREACHABLE`, `nobody answers on ${address}`, {
    hint,
    exit: exitCode.unreachable,
    cause,
  });
}
