// SPDX-License-Identifier: Apache-2.0

/** Largest certificate that is read, DER bytes. */
export const maxCertificateBytes = 16_384;
/** Largest PKCS#10 request that is read, DER bytes. */
export const maxRequestBytes = 16_384;
/** Largest list of concatenated certificates that is read (a whole bundle), bytes. */
export const maxCertificateListBytes = 4_194_304;
/** Largest SubjectPublicKeyInfo that is looked at, DER bytes: a key far over the size limit still gets its own code. */
export const maxKeyBytes = 8_192;
/** Largest certificate revocation list that is read, DER bytes. */
export const maxRevocationListBytes = 4_194_304;
/** Most entries of a certificate revocation list that are read. */
export const maxRevocationListEntries = 200_000;
