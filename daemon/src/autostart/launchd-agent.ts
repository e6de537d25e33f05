/** macOS: an agent of the user's launchd. See launchd.plist(5). */
import path from 'node:path';
import { xmlText, type ServiceDefinition, type ServiceFacts } from './service-definition.js';

const label = 'space.delta.deltaspace';

export function launchdAgent({ command, environment, home, user }: ServiceFacts): ServiceDefinition {
  const file = path.join(home, 'Library', 'LaunchAgents', `${label}.plist`);
  const string = (text: string): string => `<string>${xmlText(text)}</string>`;
  const variables = Object.entries(environment).flatMap(([name, value]) => [
    `    <key>${xmlText(name)}</key>`,
    `    ${string(value)}`,
  ]);
  const text = `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    '  <key>Label</key>',
    `  ${string(label)}`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...command.map((word) => `    ${string(word)}`),
    '  </array>',
    ...(variables.length === 0 ? [] : ['  <key>EnvironmentVariables</key>', '  <dict>', ...variables, '  </dict>']),
    '  <key>RunAtLoad</key>',
    '  <true/>',
    '  <key>KeepAlive</key>',
    '  <dict>',
    '    <key>SuccessfulExit</key>',
    '    <false/>',
    '  </dict>',
    '  <key>Umask</key>',
    `  <integer>${0o077}</integer>`,
    '  <key>StandardErrorPath</key>',
    `  ${string(path.join(home, 'Library', 'Logs', 'deltaspace.log'))}`,
    '</dict>',
    '</plist>',
  ].join('\n')}\n`;
  return {
    file,
    text,
    encoding: 'utf8',
    install: [['launchctl', 'bootstrap', `gui/${user}`, file]],
    uninstall: [['launchctl', 'bootout', `gui/${user}/${label}`]],
    afterwards: [],
  };
}
