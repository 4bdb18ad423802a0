// SPDX-License-Identifier: Apache-2.0
import { decodeBase64url } from "./base64url.ts";
import { JwtSvidError } from "./errors.ts";
import { decodeUtf8, isJsonObject, JsonError, parseJson, type JsonObject } from "./json.ts";
import { isJwsAlgorithm, jwsAlgorithms } from "./jws-algorithm.ts";
import { quote } from "./quote.ts";

const maxTokenBytes = 16_384;
const maxHeaderBytes = 4_096;
const allowedHeaders: ReadonlySet<string> = new Set(["alg", "kid", "typ"]);

/** A compact JWS taken apart. Nothing in it is verified. */
export interface CompactJws {
  /** One of the nine. */
  readonly algorithm: string;
  /** "" when the token names no key. */
  readonly keyId: string;
  readonly payload: Uint8Array;
  /** What the signature is over: the first two segments, ASCII. */
  readonly signingInput: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * The gate before any cryptography (JWT-SVID §2 and §5.1): compact form only, at most 16 KiB, three segments of strict base64url; in the
 * header an allowed algorithm, judged first, then `typ`, and nothing but `alg`, `kid` and `typ`.
 * @throws {JwtSvidError} TOO_LARGE, MALFORMED, BAD_ALG, BAD_TYP, UNEXPECTED_HEADER
 */
export function readCompactJws(token: string): CompactJws {
  if (token.length > maxTokenBytes) {
    throw new JwtSvidError("TOO_LARGE", `a token has at most ${maxTokenBytes} bytes, not ${token.length}`);
  }
  const segments = token.split(".", 6);
  const [header, payload, signature] = segments;
  if (header === undefined || payload === undefined || signature === undefined || segments.length !== 3) {
    throw new JwtSvidError("MALFORMED", `a token has three segments with dots between, not ${segments.length}`);
  }
  const { algorithm, keyId } = readHeader(header);
  return {
    algorithm,
    keyId,
    payload: decodeSegment(payload, "payload"),
    signature: decodeSegment(signature, "signature"),
    signingInput: Buffer.from(`${header}.${payload}`, "latin1"),
  };
}

function readHeader(segment: string): { readonly algorithm: string; readonly keyId: string } {
  if (segment.length > maxHeaderBytes)
    throw new JwtSvidError("TOO_LARGE", `a header has at most ${maxHeaderBytes} bytes`);
  const header = readJsonObject(decodeSegment(segment, "header"), "header");
  // JWT-SVID §4: the algorithm comes before everything else.
  const { alg, typ, kid = "" } = header;
  if (!isJwsAlgorithm(alg)) {
    const found = typeof alg === "string" ? quote(alg) : "a missing algorithm";
    throw new JwtSvidError("BAD_ALG", `${found} is not allowed, only ${jwsAlgorithms.join(", ")}`);
  }
  // JWT-SVID §2.3: exactly one of the two, case counts.
  if (Object.hasOwn(header, "typ") && typ !== "JWT" && typ !== "JOSE") {
    throw new JwtSvidError(
      "BAD_TYP",
      `the token's type is ${typeof typ === "string" ? quote(typ) : "no text"}, neither "JWT" nor "JOSE"`,
    );
  }
  const unexpected = Object.keys(header).find((name) => !allowedHeaders.has(name));
  if (unexpected !== undefined)
    throw new JwtSvidError(
      "UNEXPECTED_HEADER",
      `the header has ${quote(unexpected)}, where only alg, kid and typ may be`,
    );
  if (typeof kid !== "string") throw new JwtSvidError("MALFORMED", "the key ID is no text");
  return { algorithm: alg, keyId: kid };
}

function decodeSegment(segment: string, what: string): Uint8Array {
  const bytes = decodeBase64url(segment);
  if (bytes === undefined) throw new JwtSvidError("MALFORMED", `the token's ${what} is not base64url`);
  return bytes;
}

/** A JSON object in UTF-8. @throws {JwtSvidError} MALFORMED */
export function readJsonObject(bytes: Uint8Array, what: string): JsonObject {
  try {
    const value = parseJson(decodeUtf8(bytes));
    if (isJsonObject(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  throw new JwtSvidError("MALFORMED", `the token's ${what} is no JSON object`);
}
