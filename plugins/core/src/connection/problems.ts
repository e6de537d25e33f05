/**
 * Every reason why there is no connection, in words that a designer understands: the one table, so that all plugins say the
 * same. Programs branch on the code; panels show title, explanation, steps and the command.
 *
 * Where the platform cannot tell two reasons apart, the words name both.
 */
export interface ProblemFacts {
  readonly port?: number;
  readonly daemonVersion?: string;
  readonly pluginVersion?: string;
  readonly editorName?: string;
  /** How long to wait, in milliseconds. */
  readonly waitMs?: number;
  /** The daemon's own words. */
  readonly detail?: string;
}

/** The one thing that helps: try again, enter a code, or nothing but waiting. */
export type ProblemAction = 'retry' | 'pair' | 'wait';

interface Words {
  readonly title: string;
  readonly explanation: string;
  /** What to do, one step each, in order. Panels number them. */
  readonly steps: readonly string[];
  /** A command for the terminal, to be copied. */
  readonly command?: string;
  readonly action: ProblemAction;
}

export interface Problem extends Words {
  readonly code: ProblemCode;
  readonly facts: ProblemFacts;
}

const start = 'deltaspace start';
const pair = 'deltaspace pair';
const startSteps = ['Open a terminal.', `Run "${start}".`, 'Come back here: the panel connects by itself.'];
const pairSteps = ['Open a terminal.', `Run "${pair}".`, 'Type the code that it shows into this panel.'];

const words = {
  not_started: (): Words => ({
    title: 'Not connected',
    explanation: 'The panel has not looked for deltaspace yet.',
    steps: [],
    action: 'retry',
  }),
  looking: (): Words => ({
    title: 'Looking for deltaspace…',
    explanation: 'The panel asks the ports of this computer where deltaspace usually is.',
    steps: [],
    action: 'wait',
  }),
  opening: ({ port }): Words => ({
    title: 'Connecting…',
    explanation: `deltaspace answers on port ${port ?? '?'}; the conversation is being opened.`,
    steps: [],
    action: 'wait',
  }),
  not_running: (): Words => ({
    title: 'deltaspace is not running',
    explanation: 'The pictures are edited by a program on this computer, and it does not answer.',
    steps: startSteps,
    command: start,
    action: 'retry',
  }),
  not_running_or_blocked: ({ editorName = 'the editor' }): Words => ({
    title: 'deltaspace cannot be reached',
    explanation:
      'Either deltaspace is not running, or the browser keeps this page from programs on this computer. The browser does ' +
      'not tell which.',
    steps: [
      `Run "${start}" in a terminal.`,
      'If the browser asks whether this page may reach apps on this device, allow it.',
      `If that does not help, use the desktop app of ${editorName}.`,
    ],
    command: start,
    action: 'retry',
  }),
  local_network_blocked: ({ editorName = 'the editor' }): Words => ({
    title: 'The browser blocks deltaspace',
    explanation: 'The browser was told to keep this page from programs on this computer.',
    steps: [
      'Open the settings of this page, left of the address.',
      'Allow "Local network access", or "Apps on device".',
      `Reload the page, or use the desktop app of ${editorName}.`,
    ],
    action: 'retry',
  }),
  local_network_unanswered: (): Words => ({
    title: 'The browser asks for permission',
    explanation: 'The browser wants to know whether this page may reach programs on this computer.',
    steps: ['Allow it in the prompt of the browser.', `If there is no prompt, run "${start}" in a terminal.`],
    command: start,
    action: 'retry',
  }),
  port_taken: ({ port }): Words => ({
    title: 'Another program is in the way',
    explanation: `On port ${port ?? '?'}, where deltaspace usually is, another program answers, and no port has deltaspace.`,
    steps: [
      `Run "${start}" in a terminal: it takes the next free port by itself.`,
      'If it says that no port is free, close the other program.',
    ],
    command: start,
    action: 'retry',
  }),
  daemon_silent: ({ port }): Words => ({
    title: 'deltaspace does not answer',
    explanation: `Something listens on port ${port ?? '?'} and says nothing. deltaspace may be starting, or may hang.`,
    steps: ['Wait a few seconds.', 'If nothing changes, run "deltaspace restart" in a terminal.'],
    command: 'deltaspace restart',
    action: 'retry',
  }),
  daemon_loading: (): Words => ({
    title: 'deltaspace is loading…',
    explanation: 'It has started and is loading what it edits with. This takes a few seconds.',
    steps: [],
    action: 'wait',
  }),
  daemon_broken: ({ detail }): Words => ({
    title: 'deltaspace cannot edit',
    explanation: `The part of deltaspace that edits does not start${detail === undefined ? '.' : `: ${detail}`}`,
    steps: ['Run "deltaspace doctor" in a terminal and do what it says.'],
    command: 'deltaspace doctor',
    action: 'retry',
  }),
  no_packs: (): Words => ({
    title: 'Nothing to edit with',
    explanation: 'deltaspace runs, but has no pack installed, or none that passed its checks.',
    steps: ['Run "deltaspace models" in a terminal to see why.'],
    command: 'deltaspace models',
    action: 'retry',
  }),
  daemon_too_old: ({ daemonVersion = '?', pluginVersion = '?' }): Words => ({
    title: 'deltaspace is too old',
    explanation: `deltaspace ${daemonVersion} and this plugin ${pluginVersion} have no language in common.`,
    steps: ['Update deltaspace on this computer.', 'Run "deltaspace restart" in a terminal.'],
    command: 'deltaspace restart',
    action: 'retry',
  }),
  plugin_too_old: ({ daemonVersion = '?', pluginVersion = '?' }): Words => ({
    title: 'This plugin is too old',
    explanation: `deltaspace ${daemonVersion} no longer speaks with this plugin, ${pluginVersion}.`,
    steps: ['Update the plugin, then open this panel again.'],
    action: 'retry',
  }),
  not_paired: (): Words => ({
    title: 'Pair this plugin once',
    explanation: 'deltaspace lets in only the plugins that you allow.',
    steps: pairSteps,
    command: pair,
    action: 'pair',
  }),
  access_revoked: (): Words => ({
    title: 'Access was taken back',
    explanation: 'Somebody revoked this plugin in deltaspace, or it was paired with another user’s.',
    steps: pairSteps,
    command: pair,
    action: 'pair',
  }),
  pairing_code_malformed: (): Words => ({
    title: 'That is no pairing code',
    explanation: 'A code has eight letters and digits, such as 4F7K-2MQX.',
    steps: ['Compare it with the terminal and type it again.', `If there is none, run "${pair}".`],
    command: pair,
    action: 'pair',
  }),
  pairing_refused: (): Words => ({
    title: 'The code does not work',
    explanation: 'It is mistyped, was used already, or is older than two minutes. deltaspace does not say which.',
    steps: ['Compare it with the terminal.', `If it is the same, run "${pair}" for a new one.`],
    command: pair,
    action: 'pair',
  }),
  pairing_rate_limited: ({ waitMs }): Words => ({
    title: 'Too many tries',
    explanation: `deltaspace takes the next code in ${seconds(waitMs)}.`,
    steps: ['Wait that long.', `Run "${pair}" for a new code and type it here.`],
    command: pair,
    action: 'pair',
  }),
  rate_limited: ({ waitMs }): Words => ({
    title: 'Too many tries',
    explanation: `deltaspace asks to wait; the panel tries again in ${seconds(waitMs)}.`,
    steps: [],
    action: 'wait',
  }),
  origin_refused: ({ detail }): Words => ({
    title: 'deltaspace refuses this page',
    explanation: `This plugin runs in a page that deltaspace does not let in${detail === undefined ? '.' : `. It says: ${detail}`}`,
    steps: [
      'Run "deltaspace pair --origin ORIGIN" in a terminal, with the address of the page that the plugin runs in.',
      'Type the code that it shows into this panel.',
    ],
    command: 'deltaspace pair --origin ORIGIN',
    action: 'pair',
  }),
  too_many_connections: (): Words => ({
    title: 'Too many connections',
    explanation: 'Too many panels and scripts are connected to deltaspace.',
    steps: ['Close panels that you do not need, in other windows too.'],
    action: 'retry',
  }),
  socket_failed: ({ detail }): Words => ({
    title: 'The connection does not open',
    explanation:
      'deltaspace answers, but the lasting connection fails: too many panels are connected, or the browser or a security ' +
      `program blocks it${detail === undefined ? '.' : ` (${detail}).`}`,
    steps: ['Close panels that you do not need.', 'Use the desktop app if this is a browser.'],
    action: 'retry',
  }),
  daemon_stopping: (): Words => ({
    title: 'deltaspace was stopped',
    explanation: 'It said goodbye. The panel connects by itself when it is started again.',
    steps: startSteps,
    command: start,
    action: 'retry',
  }),
  connection_lost: (): Words => ({
    title: 'The connection was lost',
    explanation: 'The panel tries to connect again. What was being edited goes on where it was.',
    steps: [],
    action: 'retry',
  }),
  protocol_error: ({ detail }): Words => ({
    title: 'Plugin and deltaspace misunderstood each other',
    explanation: `This is a defect${detail === undefined || detail === '' ? '.' : `: ${detail}`}`,
    steps: ['Update both.', 'If it happens again, please report it.'],
    action: 'retry',
  }),
} as const satisfies Record<string, (facts: ProblemFacts) => Words>;

export type ProblemCode = keyof typeof words;

/** All codes, for tests and lists. */
export const problemCodes = Object.keys(words) as ProblemCode[];

export function problem(code: ProblemCode, facts: ProblemFacts = {}): Problem {
  return { code, facts, ...words[code](facts) };
}

function seconds(waitMs: number | undefined): string {
  if (waitMs === undefined) return 'about a minute';
  const count = Math.max(1, Math.ceil(waitMs / 1000));
  return count === 1 ? 'one second' : `${count} seconds`;
}
