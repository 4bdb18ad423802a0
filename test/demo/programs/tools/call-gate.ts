// SPDX-License-Identifier: Apache-2.0
import { canonicalJson } from "@mayfly/journal";
import { type CallStatement, type SpiffeIdMatcher, verifyCallStatement, type X509Source } from "@mayfly/spiffe-client";
import { argumentsDigest } from "@mayfly/tasks";

/** A call as it reached the tool server. */
export interface ArrivedCall {
  readonly tool: string;
  readonly arguments: unknown;
  /** `_meta` of the request. */
  readonly meta: Readonly<Record<string, unknown>> | undefined;
}

/** A call that the tool server does not act on. */
class CallRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

const maxArgumentBytes = 262_144;
/** A statement is of use for 60 s, and clocks may be 5 s apart. */
const rememberMs = 70_000;

/** Acts on what the gateway states and on nothing else: this tool, these arguments, once. */
export class CallGate {
  readonly #source: X509Source;
  readonly #gateways: SpiffeIdMatcher;
  readonly #seen = new Map<string, number>();

  constructor({ source, gateways }: { readonly source: X509Source; readonly gateways: SpiffeIdMatcher }) {
    this.#source = source;
    this.#gateways = gateways;
  }

  /** The statement of a call that may be acted on. @throws {CallRefused}; {CallStatementError} and others of `verifyCallStatement` */
  admit({ tool, arguments: args, meta }: ArrivedCall): { readonly statement: CallStatement; readonly token: string } {
    const token = meta?.["mayfly/statement"];
    if (typeof token !== "string") throw new CallRefused("NO_STATEMENT", "the call comes without the gateway's word");
    const audience = this.#source.svid.id.toString();
    const statement = verifyCallStatement(token, { source: this.#source, gateways: this.#gateways, audience });
    const digest = argumentsDigest(canonicalJson(args ?? {}, { maxBytes: maxArgumentBytes }));
    if (statement.tool !== tool || statement.argumentsDigest !== digest)
      throw new CallRefused("OTHER_CALL", "the gateway let another call through than this one");
    this.#once(statement.call);
    return { statement, token };
  }

  #once(call: string): void {
    const now = performance.now();
    for (const [id, at] of this.#seen) {
      if (now - at < rememberMs) break;
      this.#seen.delete(id);
    }
    if (this.#seen.has(call)) throw new CallRefused("CALL_REPEATED", "the call was acted on already");
    this.#seen.set(call, now);
  }
}
