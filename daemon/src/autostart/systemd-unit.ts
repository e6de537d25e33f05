/** Linux: a unit of the user's systemd. See systemd.service(5) and, for the quoting, systemd.syntax(7). */
import path from 'node:path';
import { refuseControlCharacters, type ServiceDefinition, type ServiceFacts } from './service-definition.js';

const unit = 'deltaspace.service';

export function systemdUnit({ command, environment, configurationRoot }: ServiceFacts): ServiceDefinition {
  const variables = Object.entries(environment).map(
    ([name, value]) => `Environment=${quote(`${name}=${value}`, false)}`,
  );
  const text = `${[
    '[Unit]',
    'Description=deltaspace: edits image layers by text, on this machine',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${command.map((word) => quote(word, true)).join(' ')}`,
    ...variables,
    'Restart=on-failure',
    'RestartSec=5',
    'UMask=0077',
    'NoNewPrivileges=yes',
    '',
    '[Install]',
    'WantedBy=default.target',
  ].join('\n')}\n`;
  return {
    file: path.join(configurationRoot, 'systemd', 'user', unit),
    text,
    encoding: 'utf8',
    install: [
      ['systemctl', '--user', 'daemon-reload'],
      ['systemctl', '--user', 'enable', '--now', unit],
    ],
    uninstall: [['systemctl', '--user', 'disable', '--now', unit]],
    afterwards: [['systemctl', '--user', 'daemon-reload']],
  };
}

/** One word. `%` begins specifiers everywhere, `$` variables in command lines only. */
function quote(word: string, inCommandLine: boolean): string {
  refuseControlCharacters(word);
  const plain = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%');
  return `"${inCommandLine ? plain.replaceAll('$', '$$$$') : plain}"`;
}
