import { defineConfig } from "vitest/config";

const source = { resolve: { conditions: ["@mayfly/source", "node"] } };
const ssr = { ssr: { resolve: { conditions: ["@mayfly/source", "node"] } } };

const report = process.env["MAYFLY_TEST_REPORT"];

// unit: no I/O, fast · integration: one package with real sockets and files · system: whole processes
export default defineConfig({
  ...source,
  ...ssr,
  test: {
    env: { NODE_OPTIONS: "--conditions=@mayfly/source" },
    maxWorkers: 2,
    // How long an event is waited for; the default of one second measures the machine.
    expect: { poll: { timeout: 15_000 } },
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    projects: [
      { ...source, ...ssr, extends: true, test: { name: "unit", include: ["packages/*/src/**/*.test.ts"] } },
      {
        ...source,
        ...ssr,
        extends: true,
        test: {
          name: "integration",
          include: ["packages/*/test/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...source,
        ...ssr,
        extends: true,
        test: {
          name: "system",
          include: ["test/{architecture,conformance,e2e,faults}/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
