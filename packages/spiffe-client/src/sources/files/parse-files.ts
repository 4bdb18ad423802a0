// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, type KeyObject } from "node:crypto";
import { type JwtBundle, SpiffeBundle, SpiffeError, type TrustDomain, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { Certificate, parsePem, RevocationList, toPem, X509Error } from "@mayfly/x509";
import { SourceError } from "../../errors.ts";
import type { FileContents } from "./read-files.ts";

/** Bundles of one trust domain as a file has them; a PEM file says nothing of JWT authorities. */
export interface FileBundle {
  readonly x509: X509Bundle;
  readonly jwt: JwtBundle | undefined;
}

const keyLabels = ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"] as const;

/**
 * An SVID: `certificate` a file of CERTIFICATE blocks, leaf first; `privateKey` a file with one key, not encrypted. Both may be one file.
 * @throws {SourceError} FILE_INVALID
 */
export function parseSvidFiles(contents: FileContents, certificate: string, privateKey: string): X509Svid {
  const chain = reading(certificate, () => parsePem(textOf(contents, certificate), "CERTIFICATE"));
  if (chain.length === 0) throw invalid(certificate, "there is no PEM certificate in it");
  const key = readKey(privateKey, textOf(contents, privateKey));
  return reading(certificate, () =>
    X509Svid.of(
      chain.map((der) => Certificate.parse(der)),
      key,
    ),
  );
}

/** A bundle: CERTIFICATE blocks, or the document of a SPIFFE bundle (Trust Domain and Bundle §4). @throws {SourceError} FILE_INVALID */
export function parseBundleFile(contents: FileContents, path: string, trustDomain: TrustDomain): FileBundle {
  const text = textOf(contents, path);
  return reading(path, () => {
    if (!text.trimStart().startsWith("{")) return { x509: X509Bundle.fromPem(trustDomain, text), jwt: undefined };
    const bundle = SpiffeBundle.parse(trustDomain, text);
    return { x509: bundle.x509(), jwt: bundle.jwt() };
  });
}

/** Revocation lists, DER: of "X509 CRL" blocks, or the file is one in DER. @throws {SourceError} FILE_INVALID */
export function parseRevocationFile(contents: FileContents, path: string): Uint8Array[] {
  return reading(path, () => {
    const blocks = parsePem(textOf(contents, path), "X509 CRL");
    const lists = blocks.length === 0 ? [new Uint8Array(contents.get(path) ?? [])] : blocks;
    for (const der of lists) RevocationList.parse(der);
    return lists;
  });
}

function textOf(contents: FileContents, path: string): string {
  return contents.get(path)?.toString("utf8") ?? "";
}

function readKey(path: string, text: string): KeyObject {
  const blocks = reading(path, () =>
    keyLabels.flatMap((label) => parsePem(text, label).map((der) => toPem(label, der))),
  );
  const [pem, ...more] = blocks;
  if (pem === undefined || more.length > 0)
    throw invalid(path, "it holds not just one PEM private key that is not encrypted");
  try {
    return createPrivateKey(pem);
  } catch {
    // No cause: what OpenSSL says of a private key stays out of logs.
    throw invalid(path, "its private key can't be used");
  }
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof SpiffeError) && !(cause instanceof X509Error)) throw cause;
    throw invalid(path, cause.message, cause);
  }
}

function invalid(path: string, why: string, cause?: Error): SourceError {
  return new SourceError("FILE_INVALID", `the file ${JSON.stringify(path)} can't be used: ${why}`, {
    ...(cause && { cause }),
  });
}
