// SPDX-License-Identifier: Apache-2.0
import { ServerInterceptingCall, type ServerInterceptingCallInterface } from "@grpc/grpc-js";

type AuthContext = ReturnType<ServerInterceptingCall["getAuthContext"]>;

/** A call that knows its peer. */
export class JudgedCall extends ServerInterceptingCall {
  readonly #authContext: AuthContext;

  constructor(call: ServerInterceptingCallInterface, authContext: AuthContext) {
    super(call);
    this.#authContext = authContext;
  }

  override getAuthContext(): AuthContext {
    return this.#authContext;
  }
}
