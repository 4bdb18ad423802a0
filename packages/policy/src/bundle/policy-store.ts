// SPDX-License-Identifier: Apache-2.0
import type { CallRequest } from "../decision/call-request.ts";
import type { Decision } from "../decision/decision.ts";
import { PolicyError } from "../errors.ts";
import type { BundleTexts } from "./bundle-texts.ts";
import { type LoadOptions, PolicyBundle } from "./policy-bundle.ts";

/** What happened to the policies in force. */
export type PolicyEvent =
  | { readonly kind: "loaded"; readonly digest: string; readonly revision: number }
  /** Alarm: the new set was refused; `inForce` stays, undefined = nothing is, and all is denied. */
  | { readonly kind: "refused"; readonly error: PolicyError; readonly inForce?: string | undefined };

/** Holds the bundle in force and swaps it whole. */
export class PolicyStore {
  readonly #options: LoadOptions;
  readonly #onEvent: (event: PolicyEvent) => void;
  #bundle: PolicyBundle | undefined;

  /** Empty at first: denies everything. */
  constructor(onEvent: (event: PolicyEvent) => void, options: LoadOptions = {}) {
    this.#onEvent = onEvent;
    this.#options = options;
  }

  /** What is in force; undefined = nothing yet. */
  get bundle(): PolicyBundle | undefined {
    return this.#bundle;
  }

  /**
   * Puts a bundle in force, or leaves the old one and reports. Reading texts may fail as well: pass how, and the failure is reported too.
   * Returns whether the given bundle is in force now. Throws nothing but what `onEvent` throws.
   */
  replace(read: BundleTexts | (() => BundleTexts)): boolean {
    const next = this.#load(read);
    if (next instanceof PolicyError) {
      this.#onEvent({ kind: "refused", error: next, inForce: this.#bundle?.digest });
      return false;
    }
    this.#bundle = next;
    this.#onEvent({ kind: "loaded", digest: next.digest, revision: next.revision });
    return true;
  }

  /** Decides by the bundle in force; without one it is a no. */
  authorize(request: CallRequest): Decision {
    if (this.#bundle !== undefined) return this.#bundle.authorize(request);
    return {
      allowed: false,
      reason: "NO_POLICY_PERMITS",
      policyIds: [],
      bundleDigest: "",
      errors: [],
      requestable: false,
    };
  }

  #load(read: BundleTexts | (() => BundleTexts)): PolicyBundle | PolicyError {
    try {
      const next = PolicyBundle.load(typeof read === "function" ? read() : read, this.#options);
      this.#requireNewer(next);
      return next;
    } catch (cause) {
      if (cause instanceof PolicyError) return cause;
      return new PolicyError("BUNDLE_MALFORMED", "the bundle can't be read", { cause });
    }
  }

  /** An old bundle with a good signature is still an old one. */
  #requireNewer(next: PolicyBundle): void {
    const current = this.#bundle;
    if (current === undefined || next.revision > current.revision || next.digest === current.digest) return;
    throw new PolicyError(
      "BUNDLE_OLDER",
      `revision ${String(next.revision)} does not follow ${String(current.revision)}; sign it with a later one to go back`,
    );
  }
}
