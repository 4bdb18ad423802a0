// SPDX-License-Identifier: Apache-2.0

interface Waiting<In, Out> {
  readonly item: In;
  readonly resolve: (value: Out) => void;
  readonly reject: (reason: unknown) => void;
}

/** What a batcher does with items: as many answers, in their order. */
export type BatchRun<In, Out> = (items: readonly In[]) => Promise<readonly Out[]>;

/**
 * Does for many at once what is asked for one by one: what comes while a batch is under way is the next one. A batch that fails is done
 * again item by item, so that nobody fails for another's sake.
 */
export class Batcher<In, Out> {
  readonly #run: BatchRun<In, Out>;
  readonly #max: number;
  #waiting: Waiting<In, Out>[] = [];
  #isRunning = false;

  constructor(run: BatchRun<In, Out>, max: number) {
    this.#run = run;
    this.#max = max;
  }

  async add(item: In): Promise<Out> {
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isRunning) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#isRunning = true;
    // Those who ask in the same turn come along.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.#batch(this.#waiting.splice(0, this.#max));
    this.#isRunning = false;
  }

  async #batch(batch: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const answers = await this.#run(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Out);
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const one of batch) await this.#batch([one]);
    }
  }
}
