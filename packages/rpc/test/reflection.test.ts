// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import {
  agentService,
  healthService,
  reflectionV1AlphaService,
  reflectionV1Service,
  served,
  type ServerReflectionResponse,
  StatusError,
  workloadApiService,
} from "../src/index.ts";
import { loadMessageCodec } from "../src/proto-files.ts";
import { drain, LocalServer } from "./harness.ts";

interface File {
  readonly name: string;
  readonly package: string;
  readonly dependency: readonly string[];
  readonly messageType: readonly {
    readonly name: string;
    readonly field: readonly { name: string; typeName: string; type: string }[];
  }[];
  readonly service: readonly { readonly name: string; readonly method: readonly object[] }[];
}

const codec = loadMessageCodec("google/protobuf/descriptor.proto", "google.protobuf.FileDescriptorProto");

type Question = Partial<
  Record<
    "host" | "list_services" | "file_by_filename" | "file_containing_symbol" | "all_extension_numbers_of_type",
    string
  >
> & {
  readonly file_containing_extension?: { containing_type: string; extension_number: number };
};

async function ask(
  questions: readonly Question[],
  service: typeof reflectionV1Service = reflectionV1Service,
): Promise<{ items: ServerReflectionResponse[]; error: unknown }> {
  await using local = await LocalServer.start({
    services: [served(workloadApiService, {}), served(agentService, {}), served(healthService, {})],
    reflection: true,
  });
  async function* requests() {
    yield* questions;
  }
  return await drain(local.open().bidi(service.methods.ServerReflectionInfo, requests()));
}

function filesOf(response: ServerReflectionResponse | undefined): File[] {
  return (response?.file_descriptor_response?.file_descriptor_proto ?? []).map((bytes) => codec.decode(bytes) as File);
}

describe.each([
  ["v1", reflectionV1Service],
  ["v1alpha", reflectionV1AlphaService],
])("reflection %s", (_version, service) => {
  it("lists the services, itself included", async () => {
    const { items, error } = await ask([{ host: "h", list_services: "*" }], service);
    expect(error).toBeUndefined();
    expect(items[0]?.valid_host).toBe("h");
    expect(items[0]?.original_request).toMatchObject({ host: "h", list_services: "*" });
    expect(items[0]?.list_services_response?.service.map(({ name }) => name)).toEqual([
      "SpiffeWorkloadAPI",
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
      "spire.api.server.agent.v1.Agent",
    ]);
  });

  it("gives the file of a symbol with all that it imports, each once in a stream", async () => {
    const { items } = await ask(
      [
        { file_containing_symbol: "spire.api.server.agent.v1.Agent" },
        { file_containing_symbol: "spire.api.server.agent.v1.Agent.AttestAgent" },
      ],
      service,
    );
    const [first, second] = items.map(filesOf);
    expect(first?.map(({ name }) => name).sort()).toEqual([
      "google/protobuf/empty.proto",
      "google/protobuf/wrappers.proto",
      "spire/api/server/agent.proto",
      "spire/api/types.proto",
    ]);
    expect(first?.[0]).toMatchObject({
      name: "spire/api/server/agent.proto",
      package: "spire.api.server.agent.v1",
      dependency: ["google/protobuf/empty.proto", "google/protobuf/wrappers.proto", "spire/api/types.proto"],
    });
    expect(second?.map(({ name }) => name)).toEqual(["spire/api/server/agent.proto"]);
  });

  it("finds services, methods, messages, nested ones, fields and enum values, and files by name", async () => {
    const symbols = [
      "SpiffeWorkloadAPI",
      "SpiffeWorkloadAPI.FetchX509SVID",
      "X509SVIDResponse",
      "X509SVIDResponse.FederatedBundlesEntry",
      "X509SVIDResponse.svids",
      ".X509SVID",
      "google.protobuf.Struct",
      "google.protobuf.NULL_VALUE",
      "spire.api.types.SelectorMatch.MatchBehavior",
      "spire.api.types.SelectorMatch.MATCH_ANY",
      "grpc.health.v1.HealthCheckResponse.SERVING",
    ];
    const { items } = await ask(
      [
        ...symbols.map((symbol) => ({ file_containing_symbol: symbol })),
        { file_by_filename: "spiffe/workloadapi.proto" },
      ],
      service,
    );
    expect(items.map((item) => filesOf(item)[0]?.name)).toEqual([
      ...Array.from({ length: 6 }, () => "spiffe/workloadapi.proto"),
      ...Array.from({ length: 2 }, () => "google/protobuf/struct.proto"),
      ...Array.from({ length: 2 }, () => "spire/api/types.proto"),
      "grpc/health.proto",
      "spiffe/workloadapi.proto",
    ]);
  });

  it("answers NOT_FOUND for what is not there and goes on", async () => {
    const { items, error } = await ask(
      [
        { file_by_filename: "nope.proto" },
        { file_containing_symbol: "no.Such" },
        { file_containing_extension: { containing_type: "X509SVID", extension_number: 5 } },
        { all_extension_numbers_of_type: "no.Such" },
        { all_extension_numbers_of_type: "X509SVID" },
      ],
      service,
    );
    expect(error).toBeUndefined();
    expect(items.slice(0, 4).map((item) => item.error_response?.error_code)).toEqual([5, 5, 5, 5]);
    expect(items[4]?.all_extension_numbers_response).toEqual({ base_type_name: "X509SVID", extension_number: [] });
  });

  it("ends the stream with INVALID_ARGUMENT for a question that is none", async () => {
    const { error } = await ask([{ host: "h" }], service);
    expect(error).toBeInstanceOf(StatusError);
    expect(error).toMatchObject({ code: 3 });
  });
});

it("descriptors name types in full and tell messages from enums and scalars", async () => {
  const { items } = await ask([{ file_by_filename: "spiffe/workloadapi.proto" }]);
  const [file] = filesOf(items[0]);
  const response = file?.messageType.find(({ name }) => name === "X509SVIDResponse");
  expect(response?.field.map(({ name, type, typeName }) => `${name} ${type} ${typeName}`)).toEqual([
    "svids TYPE_MESSAGE .X509SVID",
    "crl TYPE_BYTES ",
    "federated_bundles TYPE_MESSAGE .X509SVIDResponse.FederatedBundlesEntry",
  ]);
  expect(file?.service[0]?.method[0]).toMatchObject({
    name: "FetchX509SVID",
    inputType: ".X509SVIDRequest",
    outputType: ".X509SVIDResponse",
    serverStreaming: true,
    clientStreaming: false,
  });
});

it("a server without it does not serve it", async () => {
  await using local = await LocalServer.health({});
  async function* requests() {
    yield { list_services: "*" };
  }
  expect(
    (await drain(local.open().bidi(reflectionV1Service.methods.ServerReflectionInfo, requests()))).error,
  ).toMatchObject({
    code: 12,
    message: "unknown service grpc.reflection.v1.ServerReflection",
  });
});
