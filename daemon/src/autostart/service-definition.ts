/**
 * A daemon that starts with the session of its user: what is written where, and which tools are told. Plain data, made for each
 * platform by a file of its own, so that it can be shown (`--print`) and tested as text anywhere.
 */
export interface ServiceDefinition {
  readonly file: string;
  readonly text: string;
  /** Windows' scheduler reads UTF-16 only. */
  readonly encoding: 'utf8' | 'utf16le';
  /** Programs with their arguments, run after the file was written. */
  readonly install: readonly (readonly string[])[];
  /** Run before the file is removed; may fail when the service is gone already. */
  readonly uninstall: readonly (readonly string[])[];
  /** Run after the file was removed. */
  readonly afterwards: readonly (readonly string[])[];
}

/** What the service runs, and for whom. */
export interface ServiceFacts {
  /** The program with its arguments, paths absolute. */
  readonly command: readonly string[];
  /** Set for the service; only what the command line was given. */
  readonly environment: Readonly<Record<string, string>>;
  readonly dataRoot: string;
  readonly home: string;
  /** The platform's folder for configuration; Linux only. */
  readonly configurationRoot: string;
  /** Numeric id, or name on Windows. */
  readonly user: string;
}

/** Text inside XML. @throws Error for a character that XML cannot hold. */
export function xmlText(text: string): string {
  refuseControlCharacters(text);
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A path with a line break could add lines to what is generated. @throws Error. */
export function refuseControlCharacters(text: string): void {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new Error(`${JSON.stringify(text)} has control characters`);
}
