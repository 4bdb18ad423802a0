// SPDX-License-Identifier: Apache-2.0
import { parseAgentConfig, type RunningAgent, startAgent } from "../../src/index.ts";

/** Starts an agent that has nothing but a file with an enrolment string, and a directory of its own. */
export async function startEnrolled(enrolmentFile: string, directory: string): Promise<RunningAgent> {
  const parsed = parseAgentConfig({
    values: { enrolment: enrolmentFile, socket: `${directory}/workload.sock` },
    directories: { runtime: directory, state: directory },
    position: () => undefined,
  });
  if ("problems" in parsed) throw new RangeError(parsed.problems.map(({ problem }) => problem).join(", "));
  // Listens at once; calls wait until the node is attested.
  return startAgent(parsed.config);
}
