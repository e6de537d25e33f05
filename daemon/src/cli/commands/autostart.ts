/**
 * `deltaspace service install` and `uninstall`: a daemon that starts with the user's session.
 */
import { installService, uninstallService } from '../../autostart/manage-service.js';
import { defineService, realPlatform } from '../../autostart/real-platform.js';
import type { Console } from '../console.js';

export interface ServiceCommand {
  readonly dataRoot: string;
  /** Show what would be written and run, and do nothing. */
  readonly print: boolean;
  /** Another platform's, to print. */
  readonly platform?: string;
}

export async function runServiceInstall(
  { dataRoot, print, platform }: ServiceCommand,
  console: Console,
): Promise<void> {
  const definition = defineService(dataRoot, platform);
  const { file, text, install } = definition;
  if (print) {
    const commands = install.map((words) => `# run: ${words.join(' ')}`);
    console.result({ file, text, commands: install }, [`# file: ${file}`, text.trimEnd(), ...commands]);
    return;
  }
  await installService(definition, realPlatform);
  console.result({ installed: true, file, data: dataRoot }, [
    `the daemon starts with your session from now on: ${file}`,
    `data ${dataRoot}; "deltaspace service uninstall" takes it back`,
  ]);
}

export async function runServiceUninstall(
  { dataRoot, print, platform }: ServiceCommand,
  console: Console,
): Promise<void> {
  const definition = defineService(dataRoot, platform);
  const { file, uninstall, afterwards } = definition;
  if (print) {
    const commands = [...uninstall, ...afterwards];
    console.result({ file, commands }, [`# remove: ${file}`, ...commands.map((words) => `# run: ${words.join(' ')}`)]);
    return;
  }
  const { wasInstalled, complaints } = await uninstallService(definition, realPlatform);
  for (const complaint of complaints) console.note(complaint);
  const done = wasInstalled ? `the service is uninstalled: ${file} is gone` : 'no service was installed';
  console.result({ uninstalled: wasInstalled, file, data: dataRoot, complaints }, [
    done,
    `Models, blobs, jobs, logs, the token and paired clients stay in ${dataRoot}; delete that folder to remove them.`,
  ]);
}
