// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { encodeEnrolment, parseEnrolment } from "../../../packages/attestation/src/index.ts";
import { agentService } from "@mayfly/rpc";
import { describe, expect, it } from "vitest";
import { startTestAgent, TestDirectory, TestServer } from "./system.ts";

/** A line that loses the server's answers: what `isLost` says of a chunk (in order, of one connection) cuts the connection instead. */
async function lossyLine(
  port: number,
  isLost: (connection: number, chunk: number, bytes: number) => boolean,
): Promise<Server> {
  let connections = 0;
  const line = createServer((near: Socket) => {
    const connection = ++connections;
    const far = connect(port, "127.0.0.1");
    let chunks = 0;
    for (const socket of [near, far])
      socket.on("error", () => undefined).on("close", () => [near, far].map((each) => each.destroy()));
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => {
      chunks += 1;
      if (isLost(connection, chunks, bytes.length)) near.destroy();
      else near.write(bytes);
    });
  });
  line.listen(0, "127.0.0.1");
  await once(line, "listening");
  return line;
}

describe("a lost reply to an attestation", () => {
  it("does not cost the node its enrolment: it comes again with the same key", async () => {
    using directory = new TestDirectory();
    await using server = await TestServer.start(directory);
    let lost = 0;
    // The first connection fetches the pinned bundle; on the second the answer with the SVID is the first large chunk after the handshake.
    const line = await lossyLine(server.running.address.port, (connection, chunk, bytes) => {
      const isAnswer = connection >= 2 && lost < 2 && chunk > 1 && bytes > 500;
      if (isAnswer) lost += 1;
      return isAnswer;
    });
    const serverAddress = `127.0.0.1:${(line.address() as AddressInfo).port}`;
    const enrolment = encodeEnrolment({ ...parseEnrolment(await server.enrolment()), serverAddress });
    await using agent = await startTestAgent(directory, { enrolment: directory.secret("enrolment", enrolment) });
    await agent.ready({ signal: AbortSignal.timeout(30_000) });
    expect(lost).toBe(2);
    const { agents } = await server.admin.unary(agentService.methods.ListAgents, {});
    expect(agents.map(({ id }) => `spiffe://${id?.trust_domain}${id?.path}`)).toEqual([agent.agentId]);
    await agent.stop();
    line.close();
  });

  it("costs a plain join token, which is spent once and for all", async () => {
    using directory = new TestDirectory();
    await using server = await TestServer.start(directory);
    let lost = 0;
    const line = await lossyLine(server.running.address.port, (_, chunk, bytes) => {
      const isAnswer = lost === 0 && chunk > 1 && bytes > 500;
      if (isAnswer) lost += 1;
      return isAnswer;
    });
    await using agent = await startTestAgent(directory, {
      trust_domain: "example.org",
      server: `127.0.0.1:${(line.address() as AddressInfo).port}`,
      insecure_bootstrap: true,
      join_token_file: directory.secret("token", await server.joinToken()),
    });
    await expect(agent.failed).rejects.toMatchObject({ code: "ATTESTATION_REFUSED" });
    expect(lost).toBe(1);
    line.close();
  });
});
