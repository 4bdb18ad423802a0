// SPDX-License-Identifier: Apache-2.0
import type { NewEntry } from "@mayfly/registration";
import type { EntryMask, EntryMessage } from "@mayfly/rpc";
import { checkDnsName } from "../wire/dns-name.ts";
import { isMasked, type Mask } from "../wire/mask.ts";
import { WireError } from "../wire/refusal.ts";
import { parseSelectors } from "../wire/selector.ts";
import { type IdRules, parseIdFields, parseTrustDomainField, type SpiffeIdFields } from "../wire/spiffe-id.ts";

type Changes = { -readonly [K in keyof NewEntry]?: NewEntry[K] };

const maxHintBytes = 1024;
const maxEntryIdLength = 255;

/** Puts `what: ` before the text of a refusal. */
function about<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof WireError) throw new WireError(`${what}: ${error.message}`, { cause: error });
    throw error;
  }
}

function parseId(what: string, fields: SpiffeIdFields | null | undefined, check: IdRules["member"]): string {
  return about(what, () => check(parseIdFields(fields)).text);
}

function parseHint(hint: string): string {
  if (Buffer.byteLength(hint) > maxHintBytes) {
    throw new WireError(`hint is too long, max length is ${String(maxHintBytes)} characters`);
  }
  return hint;
}

function parseFederation(names: readonly string[]): string[] {
  const parsed = names.map((name) => about("invalid federated trust domain", () => parseTrustDomainField(name)));
  return [...new Set(parsed)].toSorted();
}

function parseSelectorList(message: EntryMessage): NewEntry["selectors"] {
  if (message.selectors.length === 0) throw new WireError("selector list is empty");
  return parseSelectors(message.selectors);
}

/** The masked fields of an entry message, checked for form; unmasked ones are not looked at. @throws {WireError} */
export function parseEntryFields(message: EntryMessage, mask: Mask<EntryMask>, rules: IdRules): Changes {
  const has = (field: keyof EntryMask): boolean => isMasked(mask, field);
  const out: Changes = {};
  if (has("parent_id")) out.parentId = parseId("invalid parent ID", message.parent_id, (id) => rules.member(id));
  if (has("spiffe_id")) out.spiffeId = parseId("invalid spiffe ID", message.spiffe_id, (id) => rules.workload(id));
  if (has("selectors")) out.selectors = parseSelectorList(message);
  if (has("federates_with")) out.federatesWith = parseFederation(message.federates_with);
  if (has("dns_names")) {
    out.dnsNames = message.dns_names.map((name) => about("invalid DNS name", () => checkDnsName(name)));
  }
  if (has("hint")) out.hint = parseHint(message.hint);
  if (has("admin")) out.admin = message.admin;
  if (has("downstream")) out.downstream = message.downstream;
  if (has("store_svid")) out.storeSvid = message.store_svid;
  if (has("expires_at")) out.expiresAt = Number(message.expires_at);
  if (has("x509_svid_ttl")) out.x509SvidTtl = message.x509_svid_ttl;
  if (has("jwt_svid_ttl")) out.jwtSvidTtl = message.jwt_svid_ttl;
  return out;
}

/** Rules between fields. @throws {WireError} */
export function checkEntryFields(fields: Changes): void {
  if ((fields.x509SvidTtl ?? 0) < 0) throw new WireError("X509SvidTtl is not set");
  if ((fields.jwtSvidTtl ?? 0) < 0) throw new WireError("JwtSvidTtl is not set");
  const types = new Set(fields.selectors?.map(({ type }) => type));
  if (fields.storeSvid === true && types.size > 1) {
    throw new WireError("selector types must be the same when store SVID is enabled");
  }
}

/** @throws {WireError} */
export function checkEntryId(id: string): string {
  if (!/^[A-Za-z0-9_.-]*$/.test(id)) throw new WireError("entry ID contains invalid characters");
  if (id.length > maxEntryIdLength) throw new WireError("entry ID too long");
  return id;
}
