// SPDX-License-Identifier: Apache-2.0
import { appendFileSync } from "node:fs";
import type { AuthorityStore, IssuanceLog, KeyStore, SigningKey } from "../../src/index.ts";

/** Where a process can die. */
export const crashPoints = [
  "before-key",
  "after-key",
  "before-authority",
  "after-authority",
  "before-intent",
  "while-intent",
  "after-intent",
  "before-signature",
  "after-signature",
  "before-reply",
  "after-reply",
] as const;

export type CrashPoint = (typeof crashPoints)[number];

/** Kills the process when the chosen point is passed for the n-th time. */
export class Crash {
  readonly #point: string;
  #left: number;

  constructor(point: string, occurrence: number) {
    this.#point = point;
    this.#left = occurrence;
  }

  at(point: CrashPoint): void {
    if (point === this.#point && --this.#left === 0) process.kill(process.pid, "SIGKILL");
  }
}

export function crashingStore(store: AuthorityStore, crash: Crash): AuthorityStore {
  return {
    list: (kind) => store.list(kind),
    commit: async (change) => {
      crash.at("before-authority");
      const committed = await store.commit(change);
      crash.at("after-authority");
      return committed;
    },
  };
}

export function crashingLog(log: IssuanceLog, crash: Crash): IssuanceLog {
  return {
    append: async (authorityId, batch, count) => {
      crash.at("before-intent");
      const written = log.append(authorityId, batch, count);
      crash.at("while-intent");
      const index = await written;
      crash.at("after-intent");
      return index;
    },
    read: (authorityId, from, limit) => log.read(authorityId, from, limit),
    authorities: () => log.authorities(),
  };
}

/** `signedFile` gets what every signature was made of, one line of hex each, before the signature is given out. */
export function crashingKeys(keys: KeyStore, crash: Crash, signedFile: string): KeyStore {
  const watched = (key: SigningKey): SigningKey => ({
    publicKey: key.publicKey,
    publicKeyObject: key.publicKeyObject,
    webCrypto: () => key.webCrypto(),
    sign: (data, encoding) => {
      crash.at("before-signature");
      appendFileSync(signedFile, `${Buffer.from(data).toString("hex")}\n`);
      const signature = key.sign(data, encoding);
      crash.at("after-signature");
      return signature;
    },
  });
  return {
    generate: async (name) => {
      crash.at("before-key");
      const key = await keys.generate(name);
      crash.at("after-key");
      return watched(key);
    },
    open: async (name) => {
      const key = await keys.open(name);
      return key && watched(key);
    },
    delete: (name) => keys.delete(name),
  };
}
