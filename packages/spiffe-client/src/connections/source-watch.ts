// SPDX-License-Identifier: Apache-2.0
import type { X509Source } from "../sources/x509-source.ts";
import { tell } from "./tell.ts";

/** Who has open connections that rest on a source. */
export interface SourceWatcher {
  /** Each 250 ms. */
  tick(): void;
  /** The source has something newer, or ended. */
  changed(): void;
}

const tickMs = 250;
const watches = new WeakMap<X509Source, SourceWatch>();

/**
 * One timer and one reader of updates for all that watch the same source; there is neither while nobody does, and neither keeps the
 * process running. The clock is compared anew at each tick: after a suspension the first tick finds out what ended meanwhile.
 */
class SourceWatch {
  readonly #source: X509Source;
  readonly #watchers = new Set<SourceWatcher>();
  #stop: (() => void) | undefined;

  constructor(source: X509Source) {
    this.#source = source;
  }

  add(watcher: SourceWatcher): void {
    this.#watchers.add(watcher);
    this.#stop ??= this.#start();
  }

  delete(watcher: SourceWatcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  #start(): () => void {
    const abort = new AbortController();
    const timer = setInterval(() => {
      for (const watcher of this.#watchers) tell(() => watcher.tick());
    }, tickMs).unref();
    void this.#follow(abort.signal);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }

  async #follow(signal: AbortSignal): Promise<void> {
    try {
      for await (const _update of this.#source.updates({ signal })) this.#changed();
    } catch {
      // What ended the source is what it says from now on, to the watchers as well.
    }
    if (!signal.aborted) this.#changed();
  }

  #changed(): void {
    // One that fails must not end the reading for all.
    for (const watcher of this.#watchers) tell(() => watcher.changed());
  }
}

/** Begins; the function given back ends it. */
export function watchSource(source: X509Source, watcher: SourceWatcher): () => void {
  let watch = watches.get(source);
  if (watch === undefined) {
    watch = new SourceWatch(source);
    watches.set(source, watch);
  }
  const watching = watch;
  watching.add(watcher);
  return () => watching.delete(watcher);
}
