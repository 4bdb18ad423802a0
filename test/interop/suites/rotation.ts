// SPDX-License-Identifier: Apache-2.0
import { peerCommand } from "../peers.ts";
import { expect, type Suite } from "../suite.ts";
import { Background, MayflyAgent, MayflyServer, until } from "../../processes.ts";

/** Seconds of pinging; the authority rotates about once a minute. */
const seconds = process.env["MAYFLY_LONG"] === undefined ? 150 : 900;

/** Two go-spiffe processes ping each other over new mTLS connections while the authorities rotate under them. */
export async function rotation(suite: Suite): Promise<void> {
  await using server = await MayflyServer.start({ ca_ttl: "2m", x509_svid_ttl: "40s", jwt_svid_ttl: "30s" });
  await using agent = await MayflyAgent.start(server);
  server.createEntry("/pinger", agent.id, ["unix:uid:0"], "--wait");
  await suite.check(
    `authorities rotate every minute for ${seconds} s under mTLS pings every 100 ms: no failure`,
    async () => {
      await using echo = new Background([...peerCommand("go"), "serve", "127.0.0.1:0"], agent.env);
      const address = await until(
        () => `the echo server: ${echo.log}`,
        () => /^ready (\S+)$/m.exec(echo.stdout)?.[1],
      );
      const authorities = new Set<string>();
      const note = setInterval(() => {
        const listed = JSON.parse(server.mayfly("authority", "list", "x509", "--output", "json")) as {
          authorities: { authority_id: string; slot: string }[];
        };
        for (const authority of listed.authorities)
          if (authority.slot === "active") authorities.add(authority.authority_id);
      }, 5_000);
      await using ping = new Background([...peerCommand("go"), "ping", address, String(seconds)], agent.env);
      const { status, stdout, stderr } = await ping.ended;
      clearInterval(note);
      expect(status === 0, stdout + stderr);
      expect(
        authorities.size >= Math.floor(seconds / 90),
        `only ${authorities.size} authorities were active\n${stdout}`,
      );
      process.stdout.write(`      ${stdout.trim()}, ${authorities.size} authorities active in turn\n`);
    },
  );
}
