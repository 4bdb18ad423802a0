// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { describeFile } from "../src/descriptors/load-descriptors.ts";
import * as rpc from "../src/index.ts";

function kindOf({
  clientStreaming,
  serverStreaming,
}: {
  clientStreaming?: boolean;
  serverStreaming?: boolean;
}): rpc.MethodKind {
  if (clientStreaming === true) return serverStreaming === true ? "bidi" : "client-stream";
  return serverStreaming === true ? "server-stream" : "unary";
}

it.each([
  rpc.workloadApiService,
  rpc.healthService,
  rpc.reflectionV1Service,
  rpc.reflectionV1AlphaService,
  rpc.agentService,
  rpc.bundleService,
  rpc.entryService,
  rpc.svidService,
  rpc.trustDomainService,
  rpc.localAuthorityService,
  rpc.debugService,
  rpc.loggerService,
  rpc.mayflyAgentService,
  rpc.mayflyAdminService,
  rpc.mayflyWorkloadService,
  rpc.mayflyTaskBindingService,
  rpc.mayflyTasksService,
  rpc.mayflyTicketsService,
  rpc.mayflyGuardsService,
  rpc.mayflyCallsService,
  rpc.mayflyApprovalsService,
  rpc.mayflyProfilesService,
  rpc.mayflyLeasesService,
  rpc.mayflyAccountsService,
  rpc.mayflyRecordsService,
] as rpc.ServiceDescription<object>[])(
  "$name has the methods of its file, each of its kind, and they can be written and read",
  (service) => {
    const { descriptor } = describeFile(service.file);
    const scope = descriptor.package === "" ? "" : `${descriptor.package}.`;
    const inFile = descriptor.service.find(({ name }) => scope + name === service.name);
    const methods = Object.values(service.methods) as rpc.Method<object, object>[];
    expect(methods.map(({ name, kind }) => [name, kind])).toEqual(
      inFile?.method.map((method) => [method.name, kindOf(method)]),
    );
    for (const { name, path, ...codecs } of methods) {
      expect(path).toBe(`/${service.name}/${name}`);
      expect(codecs.decodeRequest(codecs.encodeRequest({}))).toBeTypeOf("object");
      expect(codecs.decodeResponse(codecs.encodeResponse({}))).toBeTypeOf("object");
    }
  },
);
