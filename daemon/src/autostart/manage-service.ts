/**
 * Installing and uninstalling a service: the file first, then the platform's tools. Files and tools arrive as `Platform`, so
 * that all of it is tested without a service manager.
 */
import type { ServiceDefinition } from './service-definition.js';

export interface Platform {
  /** Writes a file, with the folders above it. */
  write(file: string, text: string, encoding: ServiceDefinition['encoding']): Promise<void>;
  /** Returns whether there was one. */
  remove(file: string): Promise<boolean>;
  /** Runs a program. Rejects with its words when it fails. */
  run(command: readonly string[]): Promise<void>;
}

/** A tool of the platform refused. Nothing is left installed. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code = 'service_failed';
}

/** @throws ServiceError after undoing what was done. */
export async function installService(definition: ServiceDefinition, platform: Platform): Promise<void> {
  await platform.write(definition.file, definition.text, definition.encoding);
  try {
    for (const command of definition.install) await platform.run(command);
  } catch (cause) {
    await uninstallService(definition, platform);
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new ServiceError(`the service was not installed: ${words}`, { cause });
  }
}

export interface Uninstalled {
  readonly wasInstalled: boolean;
  /** What tools complained of; the file is gone in any case. */
  readonly complaints: readonly string[];
}

/** Removes what `installService` made. Models and data are not touched. */
export async function uninstallService(definition: ServiceDefinition, platform: Platform): Promise<Uninstalled> {
  const complaints: string[] = [];
  const attempt = async (commands: ServiceDefinition['uninstall']): Promise<void> => {
    for (const command of commands) {
      await platform.run(command).catch((error: Error) => complaints.push(`${command.join(' ')}: ${error.message}`));
    }
  };
  await attempt(definition.uninstall);
  const wasInstalled = await platform.remove(definition.file);
  await attempt(definition.afterwards);
  return { wasInstalled, complaints: wasInstalled ? complaints : [] };
}
