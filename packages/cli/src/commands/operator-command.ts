// SPDX-License-Identifier: Apache-2.0
import { type Command, InvalidArgumentError } from "commander";
import type { SpiffeIdMessage } from "@mayfly/rpc";
import { connectListener, connectServer, withConnection } from "../connect.ts";
import type { ServerConnection } from "../connection.ts";
import { idText, spiffeId } from "../values.ts";
import { type Invocation, invocation, serverSocketOption, socketOption, withExample } from "./command.ts";

/** `host:port`. */
export function listenerAddress(text: string): string {
  const port = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(text)?.[1];
  if (port === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not host:port`);
  return text;
}

/** How the server is reached: its admin socket, or its listener. */
export interface ServerChoice {
  readonly server?: string;
  readonly identity?: SpiffeIdMessage;
  readonly serverSocket: string;
  readonly socket: string;
}

/** Adds the options of both ways to the server. */
export function withServerChoice(command: Command): Command {
  return command
    .option("--server <host:port>", "the server's listener, over mTLS with the SVID of --socket", listenerAddress)
    .option("--identity <id>", "which SVID of several, with --server", spiffeId)
    .addOption(serverSocketOption())
    .addOption(socketOption());
}

/** Opens the server in the way that was chosen. */
export function openChosen(choice: ServerChoice, signal: AbortSignal): Promise<ServerConnection> {
  const { server: address, identity, serverSocket, socket: workloadSocket } = choice;
  if (address === undefined) return connectServer(serverSocket, signal);
  const named = identity === undefined ? undefined : idText(identity);
  return connectListener({ address, workloadSocket, identity: named }, signal);
}

/** Makes a command for people with a role: over the admin socket, or with `--server` over mTLS. */
export function operatorCommand<O extends object = Record<string, never>>(
  command: Command,
  example: string,
  action: (server: ServerConnection, invocation: Invocation<O>) => Promise<void> | void,
): Command {
  return withExample(withServerChoice(command), example).action(async (...parameters: unknown[]) => {
    const self = invocation<O & ServerChoice>(parameters);
    await withConnection(openChosen(self.options, self.signal), async (server) => action(server, self));
  });
}
