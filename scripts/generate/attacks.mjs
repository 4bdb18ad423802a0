// SPDX-License-Identifier: Apache-2.0
// docs/attacks.md: attack cases and the tests that carry their ids.

/** Prefix, what it is about, how many cases there are, and whether a case without test is a mistake. */
const families = [
  ["CSR", "Certificate requests", 11],
  ["ISS", "Issuing", 11],
  ["NOD", "Node attestation", 12],
  ["WAP", "Callers of the Workload API", 13],
  ["REG", "Registration", 11],
  ["MTL", "Peers over mTLS", 17, true],
  ["JWT", "JWT validation", 14, true],
  ["FED", "Federation", 10],
  ["POL", "Policy", 10],
  ["SEC", "Secrets and leases", 12],
  ["APR", "Approvals", 9],
  ["AUD", "The log", 11],
  ["CFG", "Command line and configuration", 9],
  ["NET", "gRPC and HTTP/2", 12],
  ["FSP", "Files, sockets, memory", 10],
  ["DBS", "Datastore", 11],
  ["TGW", "Tool gateway", 7],
];

const intro = `# Attack cases

Generated from the titles of the tests by \`node --run generate\`; don't edit. Each case is hostile input or a hostile peer with a required
outcome: refused with a code, without effect, or everything stopped. A family appears here when its first case has a test.
`;

function idsOf([prefix, , count]) {
  return Array.from({ length: count }, (_, index) => `${prefix}-D${String(index + 1).padStart(2, "0")}`);
}

function section(family, files) {
  const lines = idsOf(family).map((id) => {
    const tests = (files.get(id) ?? []).map((file) => `[${file.replace(/^packages\//, "")}](../${file})`);
    return `| ${id} | ${tests.length === 0 ? "–" : tests.join("<br>")} |`;
  });
  return `\n## ${family[0]}: ${family[1]}\n\n| id | tests |\n| --- | --- |\n${lines.join("\n")}\n`;
}

/** The document and what is wrong: cases without test in families that must be complete. `files`: test files by id. */
export function attacksDocument(files) {
  const begun = families.filter((family) => idsOf(family).some((id) => files.has(id)));
  const missing = families
    .filter(([, , , isComplete]) => isComplete === true)
    .flatMap(idsOf)
    .filter((id) => !files.has(id));
  return {
    text: intro + begun.map((family) => section(family, files)).join(""),
    problems: missing.map((id) => `the attack case ${id} has no test`),
  };
}
