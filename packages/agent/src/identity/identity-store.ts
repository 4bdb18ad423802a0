// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from "node:crypto";
import type { StoredBundle } from "@mayfly/registration";
import { saveIdentity, type StoredIdentity } from "../state/identity-file.ts";
import type { AgentSvid } from "./agent-svid.ts";

/** The agent's stored identity, in memory and on disk; each change is on disk when its promise resolves. */
export class IdentityStore {
  readonly #path: string;
  #identity: StoredIdentity;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, identity: StoredIdentity) {
    this.#path = path;
    this.#identity = identity;
  }

  get current(): StoredIdentity {
    return this.#identity;
  }

  /** Before the evidence leaves: with an enrolment string only this key can be presented again. */
  keepAttestationKey(attestationKey: KeyObject): Promise<void> {
    return this.#change({ attestationKey });
  }

  /** Before the new SVID is used: a crash must not lose the only one that the server accepts. */
  keepSvid(svid: AgentSvid): Promise<void> {
    return this.#change({ svid, attestationKey: undefined });
  }

  keepBundle(bundle: StoredBundle): Promise<void> {
    return this.#change({ bundle });
  }

  dropSvid(): Promise<void> {
    return this.#change({ svid: undefined });
  }

  #change(change: Partial<StoredIdentity>): Promise<void> {
    this.#identity = { ...this.#identity, ...change };
    const save = (): Promise<void> => saveIdentity(this.#path, this.#identity);
    this.#writing = this.#writing.then(save, save);
    return this.#writing;
  }
}
