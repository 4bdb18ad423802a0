// SPDX-License-Identifier: Apache-2.0
import type { BundleEdit } from "@mayfly/ca";
import type { StoredBundle, StoredJwtAuthority, StoredX509Authority } from "@mayfly/registration";
import { unixSeconds } from "../unix-seconds.ts";

type X509Edit = Extract<BundleEdit, { certificate: Uint8Array }>;
type JwtEdit = Exclude<BundleEdit, X509Edit>;

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function editX509(
  all: readonly StoredX509Authority[],
  { op, certificate: der }: X509Edit,
): readonly StoredX509Authority[] {
  const isIt = (each: StoredX509Authority): boolean => same(each.der, der);
  if (op === "remove-x509") return all.filter((each) => !isIt(each));
  if (op === "taint-x509") return all.map((each) => (isIt(each) ? { ...each, tainted: true } : each));
  return all.some(isIt) ? all : [...all, { der, tainted: false }];
}

function editJwt(all: readonly StoredJwtAuthority[], edit: JwtEdit): readonly StoredJwtAuthority[] {
  const { keyId } = edit;
  if (!("publicKey" in edit)) {
    if (edit.op === "remove-jwt") return all.filter((key) => key.keyId !== keyId);
    return all.map((key) => (key.keyId === keyId ? { ...key, tainted: true } : key));
  }
  const { publicKey, expiresAt } = edit;
  if (all.some((key) => key.keyId === keyId && same(key.publicKey, publicKey))) return all;
  return [...all, { keyId, publicKey, expiresAt: unixSeconds(expiresAt), tainted: false }];
}

/** The bundle after one edit. Adding what is there, and changing what isn't, changes nothing. */
export function applyEdit(bundle: StoredBundle, edit: BundleEdit): StoredBundle {
  return "certificate" in edit
    ? { ...bundle, x509Authorities: editX509(bundle.x509Authorities, edit) }
    : { ...bundle, jwtAuthorities: editJwt(bundle.jwtAuthorities, edit) };
}
