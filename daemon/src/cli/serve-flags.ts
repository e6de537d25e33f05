/**
 * The flags that say how a daemon serves. They take precedence over the environment and the settings file
 * (config/user-settings.ts), which is why none has a default here.
 */
import { Option, type Command } from 'commander';
import { logLevels } from '../config/user-settings.js';
import { wholeNumberBetween } from './verb.js';

export function withServeFlags(command: Command): Command {
  return command
    .option('--port <n>', 'the only port to use (else 7411 to 7415 are tried)', wholeNumberBetween(1, 65_535))
    .option('--listen <address>', 'serve this address too, besides loopback; needs TLS or --insecure-listen')
    .option('--listen-name <name...>', 'host names by which others reach that address')
    .option('--tls-cert <file>', 'certificate chain for --listen (PEM)')
    .option('--tls-key <file>', 'private key for --listen (PEM)')
    .option('--insecure-listen', 'serve --listen without TLS: everybody on the way can read and use what you send')
    .option('--open-metrics', 'let programs on this machine read /metrics without a token')
    .addOption(new Option('--log-level <name>', 'what is written to daemon.log (else info)').choices([...logLevels]));
}
