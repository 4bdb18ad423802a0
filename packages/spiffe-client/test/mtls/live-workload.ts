// SPDX-License-Identifier: Apache-2.0
import { type FakeX509State, FakeWorkloadApi } from "@mayfly/testkit";
import { X509Source } from "../../src/index.ts";

/** A workload at a Workload API that changes its mind. */
export class LiveWorkload implements AsyncDisposable {
  readonly source: X509Source;
  readonly #api: FakeWorkloadApi;

  private constructor(api: FakeWorkloadApi, source: X509Source) {
    this.#api = api;
    this.source = source;
  }

  static async start(state: FakeX509State): Promise<LiveWorkload> {
    const api = await FakeWorkloadApi.start();
    api.pushX509(state);
    return new LiveWorkload(api, await X509Source.open({ address: api.address }));
  }

  /** The endpoint says this from now on. */
  push(state: FakeX509State): void {
    this.#api.pushX509(state);
  }

  /** The endpoint has no identity for it any more. */
  withdraw(): void {
    this.#api.refuse();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source[Symbol.asyncDispose]();
    await this.#api[Symbol.asyncDispose]();
  }
}
