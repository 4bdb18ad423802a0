// SPDX-License-Identifier: Apache-2.0
// Interop suites: foreign programs against ours, ours against them. Arguments name suites; none = all. See CONTRIBUTING.md.
import { Suite } from "./suite.ts";
import { clients } from "./suites/clients.ts";
import { conformance } from "./suites/conformance.ts";
import { differential } from "./suites/differential.ts";
import { lint } from "./suites/lint.ts";
import { mtls } from "./suites/mtls.ts";
import { nested } from "./suites/nested.ts";
import { record } from "./suites/record.ts";
import { rotation } from "./suites/rotation.ts";
import { sources } from "./suites/sources.ts";
import { spireAgent } from "./suites/spire-agent.ts";
import { spireCli } from "./suites/spire-cli.ts";
import { spireServer } from "./suites/spire-server.ts";

const suites: Record<string, (suite: Suite) => Promise<void>> = {
  clients,
  "spire-agent": spireAgent,
  "spire-cli": spireCli,
  "spire-server": spireServer,
  nested,
  mtls,
  differential,
  lint,
  conformance,
  sources,
  rotation,
  record,
};

const suite = new Suite();
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(suites);
for (const name of names) {
  const run = suites[name];
  if (run === undefined)
    throw new TypeError(`no suite ${JSON.stringify(name)}; there are: ${Object.keys(suites).join(", ")}`);
  process.stdout.write(`# ${name}\n`);
  await suite.check(`${name}: ran to its end`, () => run(suite));
}
process.stdout.write(`${suite.passed} passed, ${suite.failed} failed\n`);
process.exitCode = suite.failed === 0 ? 0 : 1;
