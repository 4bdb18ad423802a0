// SPDX-License-Identifier: Apache-2.0
import { type Command, InvalidArgumentError } from "commander";
import { connectListener, connectServer, withConnection } from "../connect.ts";
import type { ServerConnection } from "../connection.ts";
import { type Invocation, invocation, serverSocketOption, socketOption, withExample } from "./command.ts";

/** `host:port`. */
export function listenerAddress(text: string): string {
  const port = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(text)?.[1];
  if (port === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not host:port`);
  return text;
}

interface ServerChoice {
  readonly server?: string;
  readonly serverSocket: string;
  readonly socket: string;
}

/** Makes a command for people with a role: over the admin socket, or with `--server` over mTLS as the SVID of `--socket`. */
export function operatorCommand<O extends object = Record<string, never>>(
  command: Command,
  example: string,
  action: (server: ServerConnection, invocation: Invocation<O>) => Promise<void> | void,
): Command {
  command
    .option("--server <host:port>", "the server's listener, over mTLS with the SVID of --socket", listenerAddress)
    .addOption(serverSocketOption())
    .addOption(socketOption());
  return withExample(command, example).action(async (...parameters: unknown[]) => {
    const self = invocation<O & ServerChoice>(parameters);
    const { server, serverSocket, socket } = self.options;
    const opening =
      server === undefined ? connectServer(serverSocket, self.signal) : connectListener(server, socket, self.signal);
    await withConnection(opening, async (connection) => action(connection, self));
  });
}
