/**
 * What a command may print. Results go to standard output, everything else to standard error, so that `--json` output
 * can be piped. Progress is drawn only on a terminal.
 */
export class Console {
  readonly #json: boolean;
  #progressShown = false;

  constructor(json: boolean) {
    this.#json = json;
  }

  /** The result: the object with --json, the lines otherwise. Call once. */
  result(value: object, lines: readonly string[]): void {
    this.clearProgress();
    process.stdout.write(this.#json ? `${JSON.stringify(value, null, 2)}\n` : `${lines.join('\n')}\n`);
  }

  /** A line about what goes on. */
  note(line: string): void {
    this.clearProgress();
    process.stderr.write(`${line}\n`);
  }

  /** Redraws the progress line. */
  progress(what: string, fraction: number): void {
    if (!process.stderr.isTTY) return;
    this.#progressShown = true;
    process.stderr.write(`\r\x1b[K${what} ${Math.round(fraction * 100)} %`);
  }

  clearProgress(): void {
    if (this.#progressShown) process.stderr.write('\r\x1b[K');
    this.#progressShown = false;
  }

  /** The failure: words on standard error, and with --json an `error` object on standard output. */
  failure(code: string, message: string): void {
    this.clearProgress();
    process.stderr.write(`error: ${message} [${code}]\n`);
    if (this.#json) process.stdout.write(`${JSON.stringify({ error: { code, message } }, null, 2)}\n`);
  }
}
