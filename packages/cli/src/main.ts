#!/usr/bin/env -S node --min-semi-space-size=4 --max-semi-space-size=8
// SPDX-License-Identifier: Apache-2.0
// New objects get 4 to 8 MiB: from V8's 1 MiB a daemon would collect after every few calls, up to its 16 (threefold, in each thread)
// a burst of work would leave it with 50 MiB more for good.
import { keepCompiledSources } from "./compile-cache.ts";

keepCompiledSources(import.meta.filename);
// What is imported from here on is kept.
const { runCommandLine } = await import("./command-line.ts");
await runCommandLine(process.argv);
