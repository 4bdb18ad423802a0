// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CallContext,
  type Handlers,
  type JWTSVIDRequest,
  type JWTSVIDResponse,
  RpcServer,
  served,
  StatusError,
  toStruct,
  type ValidateJWTSVIDRequest,
  type ValidateJWTSVIDResponse,
  WORKLOAD_HEADER,
  type WorkloadApiMethods,
  workloadApiService,
} from "@mayfly/rpc";
import { BundleSet, JwtBundle, SpiffeError, SpiffeId, TrustDomain, verifyJwtSvid } from "@mayfly/spiffe";
import { ModelIdentity } from "./model-identity.ts";

type Call = CallContext<object>;
type ModelHandlers = Handlers<WorkloadApiMethods, object>;

/** Where the model differs from a good Workload API. */
export interface Defects {
  readonly handlers?: Partial<ModelHandlers> | undefined;
  readonly admit?: ((call: Call) => void) | undefined;
  /** Default true. */
  readonly reflection?: boolean | undefined;
  /** Default true. */
  readonly wit?: boolean | undefined;
  /** Default 0o777. */
  readonly socketMode?: number | undefined;
  /** Default 0o755. */
  readonly directoryMode?: number | undefined;
}

/** Refuses what has not exactly the security header. */
export function checkHeader({ metadata }: Call): void {
  const values = metadata.get(WORKLOAD_HEADER);
  if (values.length !== 1 || values[0] !== "true") throw new StatusError(3, "security header missing from request");
}

/** Sends the state, then the state after the rotation, and stays open. */
async function* stream<T>(state: (isRotated: boolean) => T, rotation: Rotation, { signal }: Call): AsyncGenerator<T> {
  const wasOver = rotation.isOver;
  yield state(wasOver);
  if (!wasOver) {
    await rotation.over;
    yield state(true);
  }
  await new Promise<never>((_resolve, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason as Error)),
  );
}

class Rotation {
  readonly #done = Promise.withResolvers<void>();
  readonly over: Promise<void> = this.#done.promise;
  isOver = false;

  happen(): void {
    this.isOver = true;
    this.#done.resolve();
  }
}

/** A good Workload API over a real socket, made of the project's parts, with the defects that a test wants. */
export class ModelEndpoint implements AsyncDisposable {
  readonly identity: ModelIdentity = new ModelIdentity();
  readonly #directory: string = mkdtempSync(join(tmpdir(), "wlc-"));
  readonly path: string = join(this.#directory, "agent.sock");
  readonly #rotation = new Rotation();
  readonly #awaited = new Map<string, PromiseWithResolvers<void>>();
  readonly #rpc: RpcServer<object>;
  readonly #listener: Server;

  constructor({ handlers = {}, admit = checkHeader, reflection = true, wit = true }: Defects) {
    const own = { ...this.#handlers(), ...(wit ? this.#witHandlers() : {}), ...handlers };
    this.#rpc = new RpcServer<object>({
      services: [served(workloadApiService, own)],
      reflection,
      admit: (call) => {
        admit(call);
        const method = call.path.slice(call.path.lastIndexOf("/") + 1);
        // The streams are open by then.
        if (method === "FetchJWTSVID") this.#rotation.happen();
        this.#awaiting(method).resolve();
      },
    });
    this.#listener = createServer((socket: Socket) => this.#rpc.accept(socket, {}));
  }

  static async start(defects: Defects = {}): Promise<ModelEndpoint> {
    const model = new ModelEndpoint(defects);
    await new Promise<void>((resolve) => model.#listener.listen(model.path, resolve));
    chmodSync(model.path, defects.socketMode ?? 0o777);
    chmodSync(model.#directory, defects.directoryMode ?? 0o755);
    return model;
  }

  /** Resolves when the method was called with what it takes to be admitted. */
  called(method: string): Promise<void> {
    return this.#awaiting(method).promise;
  }

  #awaiting(method: string): PromiseWithResolvers<void> {
    const known = this.#awaited.get(method) ?? Promise.withResolvers<void>();
    this.#awaited.set(method, known);
    return known;
  }

  #handlers(): ModelHandlers {
    const { identity } = this;
    const states = rotating(identity);
    return {
      FetchX509SVID: (_, call) => stream(states.x509, this.#rotation, call),
      FetchX509Bundles: (_, call) => stream(states.x509Bundles, this.#rotation, call),
      FetchJWTBundles: (_, call) => stream(states.jwtBundles, this.#rotation, call),
      FetchJWTSVID: (request) => issue(identity, request),
      ValidateJWTSVID: (request) => validate(identity, request),
    };
  }

  #witHandlers(): ModelHandlers {
    const rotation = new Rotation();
    rotation.happen();
    return {
      FetchWITSVID: (_, call) => stream(() => this.identity.wit(), rotation, call),
      FetchWITBundles: (_, call) => stream(() => this.identity.witBundles(), rotation, call),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#rpc.close(0);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Each state made once, so that all streams say the same. */
function rotating(identity: ModelIdentity) {
  const both = <T>(state: (isRotated: boolean) => T) => {
    const made = [state(false), state(true)] as const;
    return (isRotated: boolean): T => made[isRotated ? 1 : 0];
  };
  return {
    x509: both((isRotated) => identity.x509(isRotated)),
    x509Bundles: both((isRotated) => identity.x509Bundles(isRotated)),
    jwtBundles: both((isRotated) => identity.jwtBundles(isRotated)),
  };
}

function issue(identity: ModelIdentity, { audience, spiffe_id }: JWTSVIDRequest): JWTSVIDResponse {
  if (audience.length === 0 || audience.includes("")) throw new StatusError(3, "audience must be specified");
  if (spiffe_id === "") return identity.jwt(identity.ids, audience);
  try {
    SpiffeId.parse(spiffe_id);
  } catch {
    throw new StatusError(3, "invalid requested SPIFFE ID");
  }
  if (!identity.ids.includes(spiffe_id)) throw new StatusError(7, "no identity issued");
  return identity.jwt([spiffe_id], audience);
}

function validate(identity: ModelIdentity, { audience, svid }: ValidateJWTSVIDRequest): ValidateJWTSVIDResponse {
  if (audience === "" || svid === "") throw new StatusError(3, "audience and svid must be specified");
  const bundle = new JwtBundle(TrustDomain.parse("example.org"), [
    { keyId: "k1", publicKey: identity.jwtKeys.publicKey },
  ]);
  try {
    const {
      id,
      claims,
      audience: aud,
    } = verifyJwtSvid(svid, BundleSet.of(bundle), { audience: [audience], now: new Date() });
    return { spiffe_id: id.toString(), claims: toStruct({ sub: id.toString(), aud, exp: claims["exp"] as number }) };
  } catch (error) {
    if (error instanceof SpiffeError) throw new StatusError(3, `invalid token: ${error.code}`);
    throw error;
  }
}
