// SPDX-License-Identifier: Apache-2.0
import { randomInt } from "node:crypto";

/** Something that can be cancelled, and by whom. */
export interface Cancellable {
  /** SPIFFE ID of the tool server. */
  readonly holder: string;
  readonly cancel: () => Promise<void>;
}

/** What a tool is told of its session, to name it in a cancel request: nothing that means something to the database. */
export interface CancelKey {
  readonly processId: number;
  readonly key: number;
}

/** Keys that the broker made up for the sessions that it carries. */
export class CancelKeys {
  readonly #keys = new Map<string, Cancellable>();

  /** Good until it is released. */
  issue(of: Cancellable): { readonly cancelKey: CancelKey; readonly release: () => void } {
    const cancelKey = { processId: randomInt(1, 2 ** 31), key: randomInt(0, 2 ** 31) };
    const name = nameOf(cancelKey);
    this.#keys.set(name, of);
    return { cancelKey, release: () => void this.#keys.delete(name) };
  }

  /** Does nothing for an unknown key or another's, as the database itself. */
  async cancel(cancelKey: CancelKey, holder: string): Promise<void> {
    const found = this.#keys.get(nameOf(cancelKey));
    if (found?.holder === holder) await found.cancel();
  }
}

function nameOf({ processId, key }: CancelKey): string {
  return `${processId}/${key}`;
}
