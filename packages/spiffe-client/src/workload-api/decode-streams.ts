// SPDX-License-Identifier: Apache-2.0
import type { JWTBundlesResponse, WorkloadX509Svid, X509BundlesResponse, X509SVIDResponse } from "@mayfly/rpc";
import { bytesFields, textOf } from "./protobuf-fields.ts";
import { bad } from "./read-answer.ts";

// @NOTE The messages of the streams are decoded here, and not by what the .proto file is loaded into: loading takes longer than everything
// else between a process that starts and its first SVID. A property test holds both equal.

const maxItems = 4096;
const nothing: Buffer = Buffer.alloc(0);

/** Decodes an answer of FetchX509SVID. @throws {WorkloadApiError} BAD_RESPONSE */
export function decodeX509Svids(message: Buffer): X509SVIDResponse {
  const svids: WorkloadX509Svid[] = [];
  const crl: Buffer[] = [];
  const bundles = new Map<string, Buffer>();
  for (const { number, value } of bytesFields(message)) {
    if (number === 1) push(svids, decodeX509Svid(value));
    else if (number === 2) push(crl, value);
    else if (number === 3) addEntry(bundles, value);
  }
  return { svids, crl, federated_bundles: Object.fromEntries(bundles) };
}

/** Decodes an answer of FetchX509Bundles. @throws {WorkloadApiError} BAD_RESPONSE */
export function decodeX509Bundles(message: Buffer): X509BundlesResponse {
  const crl: Buffer[] = [];
  const bundles = new Map<string, Buffer>();
  for (const { number, value } of bytesFields(message)) {
    if (number === 1) push(crl, value);
    else if (number === 2) addEntry(bundles, value);
  }
  return { crl, bundles: Object.fromEntries(bundles) };
}

/** Decodes an answer of FetchJWTBundles. @throws {WorkloadApiError} BAD_RESPONSE */
export function decodeJwtBundles(message: Buffer): JWTBundlesResponse {
  const bundles = new Map<string, Buffer>();
  for (const { number, value } of bytesFields(message)) if (number === 1) addEntry(bundles, value);
  return { bundles: Object.fromEntries(bundles) };
}

function decodeX509Svid(message: Buffer): WorkloadX509Svid {
  const svid = { spiffe_id: "", x509_svid: nothing, x509_svid_key: nothing, bundle: nothing, hint: "" };
  for (const { number, value } of bytesFields(message)) {
    if (number === 1) svid.spiffe_id = textOf(value);
    else if (number === 2) svid.x509_svid = value;
    else if (number === 3) svid.x509_svid_key = value;
    else if (number === 4) svid.bundle = value;
    else if (number === 5) svid.hint = textOf(value);
  }
  return svid;
}

/** An entry of a map is a message of a key and a value; of two with one key the later counts. */
function addEntry(map: Map<string, Buffer>, message: Buffer): void {
  let key = "";
  let held = nothing;
  for (const { number, value } of bytesFields(message)) {
    if (number === 1) key = textOf(value);
    else if (number === 2) held = value;
  }
  map.set(key, held);
  assertRoom(map.size);
}

function push<T>(list: T[], item: T): void {
  list.push(item);
  assertRoom(list.length);
}

function assertRoom(count: number): void {
  if (count > maxItems) throw bad(`the answer has a list of more than ${maxItems} members`);
}
