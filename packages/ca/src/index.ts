// SPDX-License-Identifier: Apache-2.0
export type {
  AuthorityKind,
  AuthorityRecord,
  AuthoritySlot,
  AuthorityStore,
  BundleEdit,
  IssuanceLog,
  IssuedJwt,
  IssuedX509,
  JwtRequest,
  KeyStore,
  Signer,
  SigningKey,
  X509Request,
} from "./ports.ts";
