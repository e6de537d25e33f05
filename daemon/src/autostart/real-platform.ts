/** The machine that this process runs on, as the place of a service. */
import { execFile } from 'node:child_process';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchdAgent } from './launchd-agent.js';
import { ServiceError, type Platform } from './manage-service.js';
import { scheduledTask } from './scheduled-task.js';
import type { ServiceDefinition, ServiceFacts } from './service-definition.js';
import { systemdUnit } from './systemd-unit.js';

export const servicePlatforms = ['linux', 'darwin', 'win32'] as const;
export type ServicePlatform = (typeof servicePlatforms)[number];

const launcher = fileURLToPath(new URL('../../bin/deltaspace.js', import.meta.url));
const toolMs = 60_000;

/** The service of a data folder. @throws ServiceError on platforms that have none. */
export function defineService(dataRoot: string, platform: string = process.platform): ServiceDefinition {
  const facts = factsOf(dataRoot);
  switch (platform) {
    case 'linux':
      return systemdUnit(facts);
    case 'darwin':
      return launchdAgent(facts);
    case 'win32':
      return scheduledTask(facts);
    default:
      throw new ServiceError(
        `there is no service for ${platform}; run "deltaspace start --foreground" by its own means`,
      );
  }
}

function factsOf(dataRoot: string): ServiceFacts {
  const { DELTASPACE_CONFIG: settings = '', XDG_CONFIG_HOME: xdg = '' } = process.env;
  const user = userInfo();
  return {
    command: [process.execPath, launcher, 'start', '--foreground', '--data', dataRoot],
    environment: settings === '' ? {} : { DELTASPACE_CONFIG: path.resolve(settings) },
    dataRoot,
    home: homedir(),
    configurationRoot: path.isAbsolute(xdg) ? xdg : path.join(homedir(), '.config'),
    user: process.platform === 'win32' ? user.username : String(user.uid),
  };
}

export const realPlatform: Platform = {
  async write(file, text, encoding) {
    const byteOrderMark = encoding === 'utf16le' ? '\ufeff' : '';
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, byteOrderMark + text, { encoding, mode: 0o644 });
  },
  async remove(file) {
    const isThere = await stat(file).then(
      () => true,
      () => false,
    );
    await rm(file, { force: true });
    return isThere;
  },
  run: ([program = '', ...words]) =>
    new Promise((resolve, reject) => {
      execFile(program, words, { timeout: toolMs }, (error, _stdout, stderr) => {
        if (error === null) resolve();
        else reject(new Error(stderr.trim() === '' ? error.message : stderr.trim(), { cause: error }));
      });
    }),
};
