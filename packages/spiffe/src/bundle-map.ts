// SPDX-License-Identifier: Apache-2.0
import { BundleSet } from "./bundle-set.ts";
import { BundleError, SpiffeIdError } from "./errors.ts";
import { isJsonObject, JsonError } from "./json.ts";
import { readJsonDocument, type BundleParseOptions } from "./key-set.ts";
import { SpiffeBundle } from "./spiffe-bundle.ts";
import { TrustDomain } from "./trust-domain.ts";

const memberName = "trust_domains";

/**
 * A bundle map (Trust Domain and Bundle §5): bundles by name of trust domain, in one JSON document of at most 4 MiB. All or
 * nothing: one bundle that can't be read refuses the map. Paths of parts left out begin with the trust domain's name. Refresh hints of
 * members are dropped: they say nothing about the map.
 * @throws {BundleError} NOT_JSON, NO_TRUST_DOMAINS, BAD_TRUST_DOMAIN, DUPLICATE_TRUST_DOMAIN, NO_KEYS, TOO_LARGE
 */
export function parseBundleMap(json: string | Uint8Array, options: BundleParseOptions = {}): BundleSet<SpiffeBundle> {
  const document = readMapDocument(json);
  const members = isJsonObject(document) ? document[memberName] : undefined;
  if (!isJsonObject(members))
    throw new BundleError("NO_TRUST_DOMAINS", "the bundle map has no member trust_domains that is an object");
  const { onIgnored } = options;
  const bundles = Object.entries(members).map(([name, value]) => {
    const bundle = SpiffeBundle.fromDocument(readName(name), value, {
      onIgnored: (ignored) => onIgnored?.({ ...ignored, path: `${name}: ${ignored.path}` }),
    });
    return withoutHint(bundle);
  });
  return BundleSet.of(...bundles);
}

/** The document of a bundle map: JSON text. @throws {BundleError} BAD_KEY */
export function formatBundleMap(bundles: Iterable<SpiffeBundle>): string {
  const members = Array.from(
    bundles,
    (bundle) => `${JSON.stringify(bundle.trustDomain.name)}: ${withoutHint(bundle).toJson()}`,
  );
  return `{"${memberName}": {${members.join(", ")}}}`;
}

function readMapDocument(json: string | Uint8Array): unknown {
  try {
    return readJsonDocument(json);
  } catch (error) {
    const duplicate =
      error instanceof BundleError && error.cause instanceof JsonError ? error.cause.duplicate : undefined;
    if (duplicate?.length !== 2 || duplicate[0] !== memberName) throw error;
    throw new BundleError("DUPLICATE_TRUST_DOMAIN", "the bundle map names a trust domain twice", { cause: error });
  }
}

function readName(name: string): TrustDomain {
  try {
    return TrustDomain.fromName(name);
  } catch (cause) {
    if (!(cause instanceof SpiffeIdError)) throw cause;
    throw new BundleError("BAD_TRUST_DOMAIN", `the bundle map has a name that is no trust domain: ${cause.message}`, {
      cause,
    });
  }
}

function withoutHint(bundle: SpiffeBundle): SpiffeBundle {
  const { trustDomain, x509Authorities, jwtAuthorities, sequenceNumber } = bundle;
  return new SpiffeBundle({ trustDomain, x509Authorities, jwtAuthorities, sequenceNumber });
}
