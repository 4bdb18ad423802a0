// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "../clock.ts";

/** Longest sleep while something is pending: a clock that was set forward is noticed this late. */
const maxSleepMs = 500;

interface Item {
  readonly key: string;
  readonly atMs: number;
}

/** Calls back when wall-clock instants pass: a heap and one timer. Nothing runs while the queue is empty. */
export class ExpiryQueue implements Disposable {
  readonly #clock: Clock;
  readonly #onExpired: (key: string) => void;
  readonly #heap: Item[] = [];
  /** What counts; the heap may hold older items of a key. */
  readonly #current = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock, onExpired: (key: string) => void) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  /** Replaces the instant of `key`. An instant in the past fires at the next turn. */
  set(key: string, at: Date): void {
    const atMs = at.getTime();
    if (this.#current.get(key) === atMs) return;
    this.#current.set(key, atMs);
    this.#push({ key, atMs });
    this.#arm();
  }

  delete(key: string): void {
    this.#current.delete(key);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#current.clear();
    this.#heap.length = 0;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const [next] = this.#heap;
    if (next === undefined) return;
    const delay = Math.min(maxSleepMs, Math.max(0, next.atMs - this.#clock.now().getTime()));
    this.#timer = setTimeout(() => this.#fire(), delay).unref();
  }

  #fire(): void {
    const now = this.#clock.now().getTime();
    for (let top = this.#heap[0]; top !== undefined && top.atMs <= now; top = this.#heap[0]) {
      this.#pop();
      if (this.#current.get(top.key) !== top.atMs) continue;
      this.#current.delete(top.key);
      this.#onExpired(top.key);
    }
    this.#arm();
  }

  #push(item: Item): void {
    const heap = this.#heap;
    let index = heap.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.atMs <= item.atMs) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = item;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const a = heap[left];
      const b = heap[right];
      const [child, at] = b !== undefined && a !== undefined && b.atMs < a.atMs ? [b, right] : [a, left];
      if (child === undefined || child.atMs >= last.atMs) break;
      heap[index] = child;
      index = at;
    }
    heap[index] = last;
  }
}
