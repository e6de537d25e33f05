#!/usr/bin/env node
// Launcher only: a plain file that exists before the build, so that npm can link it. Everything is in dist/.
import '../dist/cli/main.js';
