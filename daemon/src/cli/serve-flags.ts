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
    .addOption(new Option('--log-level <name>', 'what is written to daemon.log (else info)').choices([...logLevels]))
    .option('--model-memory <size>', 'memory for networks, such as "4 GiB" (else half of the machine’s, at most 8 GiB)')
    .option('--model-keep-alive <time>', 'how long networks stay in memory unused, such as "30 s" (else 10 min)')
    .option('--blob-storage <size>', 'disk for layers and results (else 4 GiB)')
    .option('--leave-free <size>', 'disk that is left free (else 256 MiB)')
    .option('--keep-partial <time>', 'how long interrupted uploads are kept (else 1 d)')
    .option('--cache-storage <size>', 'disk for inversions and text features (else 128 MiB)');
}
