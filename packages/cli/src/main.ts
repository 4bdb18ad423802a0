#!/usr/bin/env -S node --min-semi-space-size=4
// SPDX-License-Identifier: Apache-2.0
// V8 begins with 1 MiB for new objects, and a daemon would collect after every few calls: 4 MiB saves a quarter of a call's CPU time.
import { keepCompiledSources } from "./compile-cache.ts";

keepCompiledSources(import.meta.filename);
// What is imported from here on is kept.
const { runCommandLine } = await import("./command-line.ts");
await runCommandLine(process.argv);
