// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from "node:stream";
import { ByteReader } from "../relay/byte-reader.ts";
import { maxLineBytes } from "../relay/door-request.ts";
import { BrokerRefusal } from "./broker-refusal.ts";

/** The broker's answer. */
export interface BrokerAnswer {
  readonly lease: string;
  readonly not_after?: string;
  readonly credential?: unknown;
}

const answerMs = 20_000;

/** Sends the first line and reads the answer to it. @throws {BrokerRefusal}; the signal's reason */
export async function askBroker(
  socket: Duplex,
  request: Readonly<Record<string, unknown>>,
  signal: AbortSignal | undefined,
): Promise<BrokerAnswer> {
  const abort = (): void => void socket.destroy();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    const answer = JSON.parse(await new ByteReader(socket, answerMs).line(maxLineBytes)) as Record<string, unknown>;
    if (answer["ok"] === true) return answer as unknown as BrokerAnswer;
    const { code, reason = "" } = (answer["error"] ?? {}) as Readonly<Record<string, unknown>>;
    throw new BrokerRefusal(String(code), String(reason));
  } catch (error) {
    socket.destroy();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
