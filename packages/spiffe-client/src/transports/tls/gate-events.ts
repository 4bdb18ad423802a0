// SPDX-License-Identifier: Apache-2.0
import type { EventEmitter } from "node:events";

/** For some events, whether their listeners may see them. */
export type EventGates = Readonly<Record<string, (...values: never[]) => boolean>>;

/** Asks a gate before any listener of its event is called, those of node itself and those added later too: nothing gets round it. */
export function gateEvents(emitter: EventEmitter, gates: EventGates): void {
  const emit = emitter.emit.bind(emitter);
  const byName = new Map(Object.entries(gates));
  emitter.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    const gate = typeof event === "string" ? byName.get(event) : undefined;
    return gate === undefined || gate(...(values as never[])) ? emit(event, ...values) : true;
  };
}
