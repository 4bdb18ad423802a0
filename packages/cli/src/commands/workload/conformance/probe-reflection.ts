// SPDX-License-Identifier: Apache-2.0
import {
  type ReflectionMethods,
  reflectionV1AlphaService,
  reflectionV1Service,
  type ServerReflectionResponse,
  type ServiceDescription,
  workloadApiService,
} from "@mayfly/rpc";
import { methodsIn } from "./described-methods.ts";
import { type Endpoint, goodHeaders, type Headers } from "./endpoint.ts";
import type { Observation, Reflected } from "./observation.ts";
import type { Outcome } from "./outcome.ts";

const service = workloadApiService.name;
const questions = [{ list_services: "" }, { file_containing_symbol: service }];

async function* requests(): AsyncGenerator<object> {
  for (const question of questions) yield question;
}

function toReflected(answers: readonly ServerReflectionResponse[]): Reflected {
  const services = answers.flatMap(({ list_services_response: list }) => list?.service ?? []).map(({ name }) => name);
  const files = answers.flatMap(({ file_descriptor_response: file }) => file?.file_descriptor_proto ?? []);
  const methods = files.map((file) => methodsIn(file, service)).find((found) => found !== undefined);
  return { services, methods };
}

function ask(
  endpoint: Endpoint,
  { methods }: ServiceDescription<ReflectionMethods>,
  metadata: Headers,
): Promise<Outcome<Reflected>> {
  const options = { timeoutMs: endpoint.timeoutMs, signal: endpoint.signal, metadata };
  return endpoint.outcome(async () => {
    const answers: ServerReflectionResponse[] = [];
    for await (const answer of endpoint.channel.bidi(methods.ServerReflectionInfo, requests(), options)) {
      answers.push(answer);
      if (answers.length === questions.length) break;
    }
    return answers.length === 0 ? undefined : toReflected(answers);
  });
}

/** Asks both versions of server reflection what is served. */
export async function probeReflection(endpoint: Endpoint): Promise<Observation["reflection"]> {
  const [v1, v1alpha, withoutHeader] = await Promise.all([
    ask(endpoint, reflectionV1Service, goodHeaders),
    ask(endpoint, reflectionV1AlphaService, goodHeaders),
    ask(endpoint, reflectionV1AlphaService, {}),
  ]);
  return { v1, v1alpha, withoutHeader };
}
