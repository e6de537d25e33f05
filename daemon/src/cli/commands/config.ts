/**
 * `deltaspace config show`: what is set, and by what.
 */
import { describeOrigin, settingsFile, type ResolvedSettings } from '../../config/resolve-settings.js';
import { settingNames, userSettings } from '../../config/user-settings.js';
import type { Console } from '../console.js';

/** Settings under the names that they have in the file. Those that are not set are left out of JSON. */
export function runConfigShow(settings: ResolvedSettings, withOrigin: boolean, console: Console): void {
  const rows = settingNames.map((name) => ({ key: userSettings[name].key.join('.'), ...settings[name] }));
  const file = settingsFile();
  const values = rows
    .filter(({ value }) => value !== undefined)
    .map(({ key, value, origin }) => [key, withOrigin ? { value, origin } : value] as const);
  const lines = rows.map(({ key, value, origin }) => {
    const shown = value === undefined ? `# ${key} is not set` : `${key} = ${JSON.stringify(value)}`;
    return withOrigin && value !== undefined ? `${shown}  # ${describeOrigin(origin)}` : shown;
  });
  console.result({ file, settings: Object.fromEntries(values) }, [`# settings file: ${file}`, ...lines]);
}
