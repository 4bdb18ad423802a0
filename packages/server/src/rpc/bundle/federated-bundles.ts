// SPDX-License-Identifier: Apache-2.0
import type { BundleStore, DeleteBundleMode, StoredBundle } from "@mayfly/registration";
import type {
  BundleMask,
  BundleMessage,
  BundleMethods,
  BundleResult,
  GetFederatedBundleRequest,
  ListFederatedBundlesRequest,
  ListFederatedBundlesResponse,
  Sent,
  StatusMessage,
} from "@mayfly/rpc";
import type { GuardedHandlers } from "../call.ts";
import { okStatus, settle } from "../wire/batch.ts";
import { isMasked, type Mask } from "../wire/mask.ts";
import { nextPageToken, PageTokenError, parsePage } from "../wire/paging.ts";
import {
  alreadyExists,
  failedPrecondition,
  internal,
  invalidArgument,
  notFound,
  orInvalidArgument,
  WireError,
} from "../wire/refusal.ts";
import { parseTrustDomainField } from "../wire/spiffe-id.ts";
import { parseJwtAuthority, parseX509Authority, toBundleMessage } from "./bundle-message.ts";
import type { BundleServiceDeps } from "./own-bundle.ts";

const modes: Readonly<Record<string, DeleteBundleMode>> = {
  RESTRICT: "restrict",
  DELETE: "delete",
  DISSOCIATE: "dissociate",
};

function authority<T>(kind: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof WireError)
      throw new WireError(`unable to parse ${kind} authority: ${error.message}`, { cause: error });
    throw error;
  }
}

function parseBundle(trustDomain: string, message: BundleMessage, mask?: Mask<BundleMask>): Partial<StoredBundle> {
  return orInvalidArgument("failed to convert bundle", () => ({
    trustDomain,
    ...(isMasked(mask, "x509_authorities") && {
      x509Authorities: message.x509_authorities.map((each) => authority("X.509", () => parseX509Authority(each))),
    }),
    ...(isMasked(mask, "jwt_authorities") && {
      jwtAuthorities: message.jwt_authorities.map((each) => authority("JWT", () => parseJwtAuthority(each))),
    }),
    ...(isMasked(mask, "refresh_hint") && { refreshHint: Number(message.refresh_hint) }),
    ...(isMasked(mask, "sequence_number") && { sequenceNumber: BigInt(message.sequence_number) }),
  }));
}

function whole(bundle: Partial<StoredBundle>, trustDomain: string): StoredBundle {
  const empty = { trustDomain, x509Authorities: [], jwtAuthorities: [], refreshHint: 0, sequenceNumber: 0n };
  return { ...empty, ...bundle };
}

class FederatedBundles {
  readonly #bundles: BundleStore;
  readonly #own: string;

  constructor({ bundles, trustDomain }: BundleServiceDeps) {
    this.#bundles = bundles;
    this.#own = trustDomain;
  }

  /** The name in a request; `doing` is what is not allowed for the own domain. */
  #foreign(field: string, refused: string): string {
    const name = orInvalidArgument("trust domain argument is not valid", () => parseTrustDomainField(field));
    if (name === this.#own) throw invalidArgument(refused);
    return name;
  }

  #foreignFor(field: string, doing: string): string {
    return this.#foreign(field, `${doing} a federated bundle for the server's own trust domain is not allowed`);
  }

  async get({ trust_domain: field, output_mask: mask }: GetFederatedBundleRequest): Promise<Partial<BundleMessage>> {
    const bundle = await this.#bundles.get(this.#foreignFor(field, "getting"));
    if (bundle === undefined) throw notFound("bundle not found");
    return toBundleMessage(bundle, mask);
  }

  async list(request: ListFederatedBundlesRequest): Promise<Sent<ListFederatedBundlesResponse>> {
    try {
      const page = await this.#bundles.list(parsePage(request));
      // The own bundle is taken out after paging, so a page may be one short.
      const foreign = page.items.filter(({ trustDomain }) => trustDomain !== this.#own);
      const bundles = foreign.map((bundle) => toBundleMessage(bundle, request.output_mask));
      return { bundles, next_page_token: nextPageToken(page) };
    } catch (error) {
      if (error instanceof PageTokenError) throw internal(`failed to list bundles: ${error.message}`, { cause: error });
      throw error;
    }
  }

  async create(message: BundleMessage, mask: Mask<BundleMask>): Promise<Sent<BundleResult>> {
    const name = this.#foreignFor(message.trust_domain, "creating");
    const bundle = whole(parseBundle(name, message), name);
    if (!(await this.#bundles.create(bundle))) throw alreadyExists("bundle already exists");
    return { status: okStatus, bundle: toBundleMessage(bundle, mask) };
  }

  async set(message: BundleMessage, mask: Mask<BundleMask>): Promise<Sent<BundleResult>> {
    const name = this.#foreignFor(message.trust_domain, "setting");
    const bundle = whole(parseBundle(name, message), name);
    await this.#bundles.set(bundle);
    return { status: okStatus, bundle: toBundleMessage(bundle, mask) };
  }

  async update(message: BundleMessage, input: Mask<BundleMask>, output: Mask<BundleMask>): Promise<Sent<BundleResult>> {
    const name = this.#foreignFor(message.trust_domain, "updating");
    const fields = parseBundle(name, message, input);
    const bundle = await this.#bundles.modify(name, (current) => current && { ...current, ...fields });
    if (bundle === undefined) throw notFound("bundle not found");
    return { status: okStatus, bundle: toBundleMessage(bundle, output) };
  }

  async delete(field: string, mode: DeleteBundleMode): Promise<{ status: StatusMessage; trust_domain: string }> {
    const name = this.#foreign(field, "removing the bundle for the server trust domain is not allowed");
    const outcome = await this.#bundles.delete(name, mode);
    if (outcome === undefined) throw notFound("bundle not found");
    if (!outcome.deleted) {
      const count = String(outcome.federatedEntries);
      const why = `datastore-sql: cannot delete bundle; federated with ${count} registration entries`;
      throw failedPrecondition(`failed to delete federated bundle: ${why}`);
    }
    return { status: okStatus, trust_domain: field };
  }
}

function parseMode(mode: string | number): DeleteBundleMode {
  const known = modes[mode];
  if (known === undefined)
    throw invalidArgument(`failed to parse deletion mode: unhandled delete mode "${String(mode)}"`);
  return known;
}

/** The methods on the server's own bundle. */
type OwnBundleMethod = "GetBundle" | "AppendBundle" | "CountBundles" | "PublishJWTAuthority";

/** Bundles of other trust domains. */
export function federatedBundleHandlers(
  deps: BundleServiceDeps,
): Omit<GuardedHandlers<BundleMethods>, OwnBundleMethod> {
  const federated = new FederatedBundles(deps);
  return {
    GetFederatedBundle: (request) => federated.get(request),
    ListFederatedBundles: (request) => federated.list(request),
    BatchCreateFederatedBundle: async ({ bundle: bundles, output_mask: mask }) => ({
      results: await settle(bundles, (bundle) => federated.create(bundle, mask)),
    }),
    BatchSetFederatedBundle: async ({ bundle: bundles, output_mask: mask }) => ({
      results: await settle(bundles, (bundle) => federated.set(bundle, mask)),
    }),
    BatchUpdateFederatedBundle: async ({ bundle: bundles, input_mask: input, output_mask: output }) => ({
      results: await settle(bundles, (bundle) => federated.update(bundle, input, output)),
    }),
    BatchDeleteFederatedBundle: async ({ trust_domains: names, mode: name }) => {
      const mode = parseMode(name);
      const results = await settle(
        names,
        (each) => federated.delete(each, mode),
        (each, status) => ({ status, trust_domain: each }),
      );
      return { results };
    },
  };
}
