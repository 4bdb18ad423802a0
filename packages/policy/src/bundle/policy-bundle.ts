// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from "node:crypto";
import { buildRequest, withApproval } from "../decision/build-request.ts";
import type { CallRequest } from "../decision/call-request.ts";
import type { Decision, DecisionReason } from "../decision/decision.ts";
import { noArguments } from "../engine/built-in-schema.ts";
import type { CedarRequest } from "../engine/cedar.ts";
import type { TimeLimit } from "../engine/compiled-policies.ts";
import { PolicyError } from "../errors.ts";
import type { Evaluation } from "../engine/evaluation.ts";
import { compileVocal, type VocalPolicies } from "../engine/vocabulary.ts";
import { type BundleTexts, checkTexts } from "./bundle-texts.ts";
import { digestOf } from "./canonical-text.ts";
import { canonicalManifest, checkDigests, parseManifest } from "./manifest.ts";
import { checkSignature } from "./manifest-signature.ts";

/** How a bundle is loaded. */
export interface LoadOptions extends TimeLimit {
  /** Ed25519 public key. There = a bundle without a good signature by it is refused. */
  readonly trustedKey?: KeyObject | undefined;
  /** A bundle of an earlier revision is refused: what was signed long ago may have been revoked since. Default 1. */
  readonly minRevision?: number | undefined;
}

/** Asks the policies whether any approval would do; never part of an answer. Satisfies any number of approvers that a rule may ask for. */
const hypotheticalApproval = { id: "hypothetical", approvers: 1_000 };

/** A policy set in force: checked against its manifest, strictly validated, compiled. Never changes. */
export class PolicyBundle {
  /** `sha256:<hex>` of the canonical manifest. */
  readonly digest: string;
  readonly revision: number;
  readonly #policies: Readonly<Record<string, string>>;
  readonly #vocal: VocalPolicies;

  private constructor(texts: BundleTexts, options: LoadOptions) {
    checkTexts(texts);
    const manifest = parseManifest(texts.manifest);
    if (options.trustedKey !== undefined) checkSignature(manifest, texts.signature, options.trustedKey);
    checkDigests(manifest, texts);
    if (manifest.revision < (options.minRevision ?? 1)) {
      throw new PolicyError("BUNDLE_OLDER", `revision ${String(manifest.revision)} is older than what is asked for`);
    }
    this.#policies = Object.freeze({ ...texts.policies });
    this.#vocal = compileVocal(this.#policies, texts.schema ?? noArguments, options);
    this.digest = digestOf(canonicalManifest(manifest));
    this.revision = manifest.revision;
  }

  /**
   * Checks and compiles; there is a bundle only when all of it is good. Takes some 100 ms.
   * @throws {PolicyError} BUNDLE_MALFORMED, BUNDLE_TOO_LARGE, SIGNATURE_MISSING, SIGNATURE_INVALID, DIGEST_MISMATCH, BUNDLE_OLDER,
   * SCHEMA_INVALID, POLICY_INVALID, ENGINE_FAILED
   */
  static load(texts: BundleTexts, options: LoadOptions = {}): PolicyBundle {
    return new PolicyBundle(texts, options);
  }

  /** Texts by id. */
  get policies(): Readonly<Record<string, string>> {
    return this.#policies;
  }

  /** The whole schema that requests are checked against. */
  get schema(): string {
    return this.#vocal.schema;
  }

  /** Decides. Never throws: what can't be decided is a no. */
  authorize(request: CallRequest): Decision {
    const built = buildRequest(request, this.#vocal.vocabulary);
    if ("refused" in built) {
      const { refused: reason, argument } = built;
      return { ...this.#refusal(reason), argument };
    }
    const decision = this.replay(built.inputs);
    const mayAsk = request.scope.inScope || request.scope.requestable;
    return mayAsk && this.isRequestable(decision) ? { ...decision, requestable: true } : decision;
  }

  /** Decides again what was decided before, from its recorded inputs; `requestable` is false. */
  replay(inputs: CedarRequest): Decision {
    const { allowed, policyIds, errors, failure } = this.evaluate(inputs);
    const reason = failure ?? reasonOf(allowed, policyIds);
    return { allowed, reason, policyIds, bundleDigest: this.digest, errors, requestable: false, inputs };
  }

  /** The policies' own answer to recorded inputs. */
  evaluate(inputs: CedarRequest): Evaluation {
    return this.#vocal.compiled.evaluate(inputs);
  }

  /** Whether a decision on a call is a plain no, and would be a yes with an approval. */
  isRequestable({ allowed, inputs, errors }: Decision): boolean {
    if (allowed || inputs === undefined || errors.length > 0 || Object.hasOwn(inputs.context, "approval")) return false;
    if (inputs.action.id !== "call" || !this.#vocal.vocabulary.members.has("approval")) return false;
    return this.evaluate(withApproval(inputs, hypotheticalApproval)).allowed;
  }

  #refusal(reason: DecisionReason): Decision {
    return { allowed: false, reason, policyIds: [], bundleDigest: this.digest, errors: [], requestable: false };
  }
}

function reasonOf(allowed: boolean, policyIds: readonly string[]): DecisionReason {
  if (allowed) return "POLICY_PERMITS";
  return policyIds.length > 0 ? "POLICY_FORBIDS" : "NO_POLICY_PERMITS";
}
