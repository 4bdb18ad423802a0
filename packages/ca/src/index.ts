// SPDX-License-Identifier: Apache-2.0
export { Authorities, type AuthoritiesOptions } from "./authorities/authorities.ts";
export type { ActiveAuthority } from "./authorities/loaded-authorities.ts";
export type { CanActivate } from "./authorities/rotation.ts";
export { authorityBackdateSeconds, type RotationSchedule, rotationSchedule } from "./authorities/schedule.ts";
export type { AuthoritySlots } from "./authorities/slots.ts";
export {
  AuthorityError,
  type AuthorityErrorCode,
  KeyStoreError,
  type KeyStoreErrorCode,
  SignerError,
  type SignerErrorCode,
} from "./errors.ts";
export type { SigningCounters } from "./issuing/counters.ts";
export { DiskKeyStore } from "./keys/disk-key-store.ts";
export {
  keyEncryptionKeyVariable,
  readKeyEncryptionKey,
  readOrCreateKeyEncryptionKey,
} from "./keys/key-encryption-key.ts";
export { sealKey, unsealKey } from "./keys/key-file.ts";
export { createPrivateFile } from "./keys/private-file.ts";
export { MemoryKeyStore } from "./keys/memory-key-store.ts";
export type {
  AuthorityKind,
  AuthorityRecord,
  AuthoritySlot,
  AuthorityStore,
  BundleEdit,
  DownstreamCaRequest,
  IssuanceLog,
  IssuedDownstreamCa,
  IssuedJwt,
  IssuedX509,
  JwtRequest,
  KeyStore,
  Signer,
  SigningKey,
  WebCryptoKeys,
  X509Request,
} from "./ports.ts";
export type { SigningLogger } from "./signing-logger.ts";
export { openSigningService, type SigningService, type SigningServiceOptions } from "./signing-service.ts";
export { type SigningClock, systemSigningClock, type TrustedTime } from "./trusted-time.ts";
export { defaultSigningTtls, type SigningTtls } from "./ttls.ts";
