// SPDX-License-Identifier: Apache-2.0
import type { Connections } from "./connections.ts";
import { methodDescriptor, type MethodDescriptor } from "./descriptors.ts";
import { grpc } from "./grpc.ts";
import { fromJson, toJson } from "./json.ts";
import type { References } from "./references.ts";
import type { Json, SideCall, VectorCase } from "./scenario.ts";
import { answerChallenge } from "./x509pop.ts";

/** How a call ended. */
export interface Answer {
  readonly code: number;
  readonly message: string;
  readonly statusDetails: string | undefined;
  readonly messages: readonly Json[];
  /** The client cancelled after `take` messages: the status says nothing. */
  readonly cut: boolean;
}

type CallSpec = Pick<VectorCase, "rpc" | "caller" | "request"> &
  Partial<Pick<VectorCase, "metadata" | "timeout_ms" | "take" | "midway">>;

interface Playing {
  readonly stream: grpc.ClientDuplexStream<object, object>;
  readonly method: MethodDescriptor;
  readonly received: Json[];
  nextMessage(count: number): Promise<void>;
}

const unknownMethod = (path: string): MethodDescriptor => ({
  path,
  requestStream: false,
  responseStream: false,
  requestType: "google.protobuf.Empty",
  responseType: "google.protobuf.Empty",
  serialize: () => Buffer.alloc(0),
  deserialize: () => ({}),
});

function metadataOf(spec: CallSpec): grpc.Metadata {
  const metadata = new grpc.Metadata();
  for (const [key, values] of Object.entries(spec.metadata ?? {})) {
    for (const value of values) metadata.add(key, value);
  }
  return metadata;
}

async function sendItem(playing: Playing, item: Json, references: References): Promise<void> {
  const { stream, method } = playing;
  const object = (item ?? {}) as Readonly<Record<string, Json>>;
  if ("@recv" in object) {
    await playing.nextMessage(Number(object["@recv"]));
    return;
  }
  if ("@x509pop" in object) {
    const last = playing.received.at(-1) as { challenge?: string } | undefined;
    const key = Buffer.from(references.resolve(object["@x509pop"] ?? "") as string, "base64");
    stream.write({ challenge_response: answerChallenge(Buffer.from(last?.challenge ?? "", "base64"), key) });
    return;
  }
  const last = playing.received.at(-1) as { nonce?: string } | undefined;
  const message =
    object["responseNonce"] === "@last" ? { ...object, responseNonce: last?.nonce ?? "" } : (object as Json);
  stream.write(method.requestType === "google.protobuf.Empty" ? {} : fromJson(message, method.requestType));
}

async function playMidway(calls: readonly SideCall[], connections: Connections, references: References): Promise<void> {
  for (const side of calls) {
    const answer = await call({ ...side, request: references.resolve(side.request) }, connections, references);
    if (answer.code !== 0) throw new Error(`midway ${side.rpc}: ${String(answer.code)} ${answer.message}`);
  }
}

function listen(playing: Playing, spec: CallSpec, onMessage: () => void): Promise<Omit<Answer, "messages">> {
  const { stream, method, received } = playing;
  return new Promise((resolve) => {
    let cut = false;
    stream.on("data", (message: object) => {
      if (cut) return;
      received.push(toJson(message as Record<string, unknown>, method.responseType));
      onMessage();
      if (spec.take !== undefined && received.length >= spec.take) {
        cut = true;
        stream.cancel();
      }
    });
    stream.on("error", () => undefined);
    stream.on("status", ({ code, details, metadata }: grpc.StatusObject) => {
      const [bytes] = metadata.get("grpc-status-details-bin");
      const statusDetails = bytes === undefined ? undefined : Buffer.from(bytes).toString("base64");
      resolve({ code, message: details, statusDetails, cut });
    });
  });
}

/** Makes one recorded call. References inside `spec` are resolved already, except those of special items. */
export async function call(spec: CallSpec, connections: Connections, references: References): Promise<Answer> {
  const method = methodDescriptor(spec.rpc) ?? unknownMethod(spec.rpc);
  const client = await connections.client(spec.caller);
  const options = { deadline: Date.now() + (spec.timeout_ms ?? 10_000) };
  const stream = client.makeBidiStreamRequest(
    method.path,
    method.serialize,
    method.deserialize,
    metadataOf(spec),
    options,
  );
  const received: Json[] = [];
  let over = false;
  let wake = Promise.withResolvers<void>();
  const ring = (): void => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  let taken = 0;
  const nextMessage = async (count: number): Promise<void> => {
    taken += count;
    const isOver = (): boolean => over;
    while (received.length < taken && !isOver()) await wake.promise;
  };
  const playing: Playing = { stream, method, received, nextMessage };
  const finished = listen(playing, spec, ring).then((status) => {
    over = true;
    ring();
    return status;
  });
  const items = method.requestStream ? (spec.request as readonly Json[]) : [spec.request];
  for (const item of items) {
    if (over) break;
    await sendItem(playing, item, references);
  }
  if (!(method.requestStream && spec.take !== undefined)) stream.end();
  if (spec.midway !== undefined) {
    await nextMessage(1);
    await playMidway(spec.midway, connections, references);
  }
  const status = await finished;
  return { ...status, messages: received };
}
