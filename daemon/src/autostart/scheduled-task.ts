/** Windows: a task of the scheduler that starts at logon, without rights beyond the user's own. */
import path from 'node:path';
import { xmlText, type ServiceDefinition, type ServiceFacts } from './service-definition.js';

const task = 'deltaspace';

/** @throws Error when variables are given: a task cannot have any. */
export function scheduledTask({ command, environment, dataRoot, user }: ServiceFacts): ServiceDefinition {
  if (Object.keys(environment).length > 0) {
    throw new Error(
      `a scheduled task has no variables of its own; set ${Object.keys(environment).join(', ')} for the user`,
    );
  }
  const file = path.win32.join(dataRoot, 'deltaspace-task.xml');
  const [program = '', ...words] = command;
  const text = [
    '<?xml version="1.0" encoding="UTF-16"?>',
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
    '  <RegistrationInfo><Description>deltaspace: edits image layers by text, on this machine</Description></RegistrationInfo>',
    '  <Triggers>',
    `    <LogonTrigger><Enabled>true</Enabled><UserId>${xmlText(user)}</UserId></LogonTrigger>`,
    '  </Triggers>',
    '  <Principals>',
    `    <Principal id="Author"><UserId>${xmlText(user)}</UserId><LogonType>InteractiveToken</LogonType>` +
      '<RunLevel>LeastPrivilege</RunLevel></Principal>',
    '  </Principals>',
    '  <Settings>',
    '    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>',
    '    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>',
    '    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>',
    '    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>',
    '    <RestartOnFailure><Interval>PT1M</Interval><Count>3</Count></RestartOnFailure>',
    '  </Settings>',
    '  <Actions Context="Author">',
    `    <Exec><Command>${xmlText(program)}</Command><Arguments>${xmlText(words.map(quote).join(' '))}</Arguments></Exec>`,
    '  </Actions>',
    '</Task>',
    '',
  ].join('\r\n');
  return {
    file,
    text,
    encoding: 'utf16le',
    install: [
      ['schtasks', '/Create', '/TN', task, '/XML', file, '/F'],
      ['schtasks', '/Run', '/TN', task],
    ],
    uninstall: [
      ['schtasks', '/End', '/TN', task],
      ['schtasks', '/Delete', '/TN', task, '/F'],
    ],
    afterwards: [],
  };
}

/** As Windows programs split their command line: backslashes count only before a quotation mark. */
function quote(word: string): string {
  return /[\s"]/.test(word) || word === '' ? `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"` : word;
}
