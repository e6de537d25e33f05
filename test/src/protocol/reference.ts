/**
 * The generated half of docs/protocol.md: tables of messages, errors, close codes and limits, from the schemas.
 */
import { fileURLToPath } from 'node:url';
import {
  closeCodes,
  describeProtocol,
  errorCodes,
  httpErrors,
  methodScopes,
  protocolLimits,
  type JsonSchema,
  type MethodName,
} from '@deltaspace/shared-protocol';

export const protocolDocument = fileURLToPath(new URL('../../../docs/protocol.md', import.meta.url));

const beginMark = '<!-- generated: begin (npm run docs) -->\n\n<!-- prettier-ignore-start -->';
const endMark = '<!-- prettier-ignore-end -->\n\n<!-- generated: end -->';

/** The document with its generated part renewed. @throws Error when the marks are missing. */
export function renewReference(document: string): string {
  const begin = document.indexOf(beginMark);
  const end = document.indexOf(endMark);
  if (begin < 0 || end < begin) throw new Error(`docs/protocol.md must hold "${beginMark}" and then "${endMark}"`);
  return `${document.slice(0, begin + beginMark.length)}\n\n${renderReference()}\n${document.slice(end)}`;
}

function renderReference(): string {
  const { methods, notifications, frames } = describeProtocol();
  return [
    '## Requests\n',
    ...methods.map(({ name, summary, params, result, errors }) =>
      [
        `### \`${name}\`\n\n${summary}\n`,
        memberTable('Parameters', params),
        memberTable('Result', result),
        scopeLine(name as MethodName),
        errors.length === 0 ? '' : `Errors of its own: ${errors.map((code) => `\`${code}\``).join(', ')}.\n`,
      ].join('\n'),
    ),
    '## Notifications\n',
    ...notifications.map(({ name, from, summary, params }) =>
      [`### \`${name}\` (from the ${from})\n\n${summary}\n`, memberTable('Parameters', params)].join('\n'),
    ),
    '## Frame headers\n',
    ...frames.map(({ name, number, summary, header }) =>
      [`### ${number}: \`${name}\`\n\n${summary}\n`, memberTable('Header', header)].join('\n'),
    ),
    '## Error codes\n',
    table(
      ['Code', 'JSON-RPC', 'Retry', 'Meaning'],
      Object.entries(errorCodes).map(([code, { number, retryable, summary }]) => [
        `\`${code}\``,
        String(number),
        retryable ? 'yes' : '',
        summary,
      ]),
    ),
    '## Close codes\n',
    table(
      ['Code', 'Name', 'Meaning'],
      Object.entries(closeCodes).map(([name, { code, summary }]) => [String(code), `\`${name}\``, summary]),
    ),
    '## HTTP refusals\n',
    table(
      ['Status', 'Code', 'Meaning'],
      Object.entries(httpErrors).map(([code, { status, summary }]) => [String(status), `\`${code}\``, summary]),
    ),
    '## Limits\n',
    table(
      ['Name', 'Value'],
      Object.entries(protocolLimits).map(([name, value]) => [`\`${name}\``, value.toLocaleString('en')]),
    ),
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n');
}

function scopeLine(name: MethodName): string {
  const scope = methodScopes[name];
  return scope === 'any' ? '' : `Scope: \`${scope}\`.\n`;
}

function memberTable(title: string, schema: JsonSchema): string {
  const rows = membersOf(schema, '');
  if (rows.length === 0) return `${title}: none.\n`;
  return `${title}:\n\n${table(['Member', 'Type', 'Meaning'], rows)}`;
}

/** One row per member, nested ones with their path; alternatives of a union share the table. */
function membersOf(schema: JsonSchema, prefix: string): string[][] {
  const alternatives = (schema['oneOf'] ?? schema['anyOf']) as JsonSchema[] | undefined;
  if (alternatives !== undefined) {
    return alternatives.filter((one) => one['properties'] !== undefined).flatMap((one) => membersOf(one, prefix));
  }
  const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  const required = new Set((schema['required'] ?? []) as string[]);
  return Object.entries(properties).flatMap(([name, member]) => {
    const path = `${prefix}${name}${required.has(name) ? '' : '?'}`;
    const nested = name === 'limits' ? undefined : nestedSchema(member); // They have a table of their own.
    const row = [`\`${path}\``, typeOf(member), textOf(member)];
    return nested === undefined ? [row] : [row, ...membersOf(nested.schema, `${path}${nested.step}`)];
  });
}

/** The object inside a member: itself, the items of a list, the values of a record. */
function nestedSchema(member: JsonSchema): { schema: JsonSchema; step: string } | undefined {
  const items = member['items'] as JsonSchema | undefined;
  if (items !== undefined && hasMembers(items)) return { schema: items, step: '[].' };
  const values = member['additionalProperties'];
  if (typeof values === 'object' && values !== null && hasMembers(values as JsonSchema)) {
    return { schema: values as JsonSchema, step: '.*.' };
  }
  return hasMembers(member) ? { schema: member, step: '.' } : undefined;
}

function hasMembers(schema: JsonSchema): boolean {
  return schema['properties'] !== undefined || schema['oneOf'] !== undefined;
}

function typeOf(schema: JsonSchema): string {
  if (schema['const'] !== undefined) return `\`${JSON.stringify(schema['const'])}\``;
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => `\`${JSON.stringify(value)}\``).join(' or ');
  const alternatives = (schema['oneOf'] ?? schema['anyOf']) as JsonSchema[] | undefined;
  if (alternatives !== undefined) return [...new Set(alternatives.map(typeOf))].join(' or ');
  const items = schema['items'] as JsonSchema | undefined;
  if (items !== undefined) return `list of ${typeOf(items)}${bounds(schema['minItems'], schema['maxItems'])}`;
  const values = schema['additionalProperties'];
  if (schema['properties'] === undefined && typeof values === 'object' && values !== null) {
    return `map to ${typeOf(values as JsonSchema)}`;
  }
  const types = [schema['type'] ?? 'any'].flat() as string[];
  const type = types.join(' or ');
  const numeric = type === 'integer' || type === 'number';
  return `${type}${numeric ? bounds(schema['minimum'], schema['maximum']) : ''}`;
}

/** A range, when it says more than that integers are exact. */
function bounds(minimum: unknown, maximum: unknown): string {
  const real = (value: unknown): value is number =>
    typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  if (real(minimum) && real(maximum)) return ` (${minimum} to ${maximum})`;
  if (real(minimum)) return ` (from ${minimum})`;
  return real(maximum) ? ` (up to ${maximum})` : '';
}

function textOf(schema: JsonSchema): string {
  const own = typeof schema['description'] === 'string' ? schema['description'] : '';
  const value = schema['default'];
  return value === undefined ? own : `${own === '' ? '' : `${own}; `}\`${JSON.stringify(value)}\` when left out`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return `${[line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}
