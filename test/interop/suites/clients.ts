// SPDX-License-Identifier: Apache-2.0
import { peerCommand } from "../peers.ts";
import { expect, type Suite } from "../suite.ts";
import { Background, MayflyAgent, MayflyServer, output } from "../../processes.ts";

const languages = ["go", "python", "java", "rust"] as const;
const workload = "/workload";
const audience = "interop";

/** Lines `svid ID SERIAL NOT_AFTER` of a `watch`. */
function svids(stdout: string): { id: string; serial: string; notAfter: number }[] {
  return [...stdout.matchAll(/^svid (\S+) (\S+) (\d+)$/gm)].map(([, id = "", serial = "", end]) => ({
    id,
    serial,
    notAfter: Number(end),
  }));
}

/** Four SPIFFE libraries against our agent: three rotations at a lifetime of 60 s, and each language's token validated by every other. */
export async function clients(suite: Suite): Promise<void> {
  await using server = await MayflyServer.start();
  await using agent = await MayflyAgent.start(server);
  const id = `spiffe://${server.trustDomain}${workload}`;
  server.createEntry(workload, agent.id, ["unix:uid:0"], "--x509-svid-ttl", "60s", "--wait");

  const watching = languages.map((language) => ({
    language,
    program: new Background([...peerCommand(language), "watch", "3"], agent.env),
  }));
  const tokens = new Map<string, string>();
  for (const language of languages) {
    await suite.check(`${language}: fetches a JWT-SVID`, () => {
      const token = output([...peerCommand(language), "jwt", audience], { env: agent.env }).trim();
      expect(token.split(".").length === 3, `not a token: ${token}`);
      tokens.set(language, token);
    });
  }
  for (const issuer of languages) {
    for (const validator of languages) {
      await suite.check(`${validator}: validates the token that ${issuer} fetched`, () => {
        const subject = output([...peerCommand(validator), "validate", audience, tokens.get(issuer) ?? ""], {
          env: agent.env,
        }).trim();
        expect(subject === id, `got ${subject}`);
      });
    }
  }
  for (const { language, program } of watching) {
    await suite.check(`${language}: X.509-SVID rotates three times at a lifetime of 60 s, without a gap`, async () => {
      const { status, stdout, stderr } = await program.ended;
      const seen = svids(stdout);
      expect(status === 0, `ended with ${status}: ${stdout}${stderr}`);
      expect(new Set(seen.map((svid) => svid.serial)).size >= 4, `serials: ${stdout}`);
      expect(
        seen.every((svid) => svid.id === id),
        stdout,
      );
    });
  }
}
